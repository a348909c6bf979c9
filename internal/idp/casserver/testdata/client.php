<?php
// A service built on phpCAS: it shows one ticket and prints what it made of the answer.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
[, $port, $service, $ticket, $authority] = $argv;
$at = parse_url($service);
$_SERVER += ['HTTPS' => 'on'];
$_SERVER['SERVER_NAME'] = $_SERVER['HTTP_HOST'] = $at['host'];
$_SERVER['SERVER_PORT'] = '443';
$_SERVER['REQUEST_URI'] = $at['path'];
$_SERVER['REQUEST_METHOD'] = 'GET';
$_GET = ['ticket' => $ticket];
session_save_path(sys_get_temp_dir());
require 'CAS.php';
phpCAS::client(CAS_VERSION_3_0, '127.0.0.1', (int) $port, '/cas', 'https://' . $at['host']);
phpCAS::setFixedServiceURL($service);
phpCAS::setCasServerCACert($authority, false);
phpCAS::setNoClearTicketsFromUrl();
try {
    phpCAS::forceAuthentication();
    echo json_encode(['user' => phpCAS::getUser(), 'attributes' => phpCAS::getAttributes()]);
} catch (CAS_AuthenticationException $e) {
    echo "\n", json_encode(['refused' => true]);
}

<?php
// What differs from the package's own config.php is where things are, that there is an identity provider, and its people.
require '/etc/simplesamlphp/config.php';

$config = array_merge($config, [
    'baseurlpath' => 'http://127.0.0.1:{{.Port}}/',
    'certdir' => '{{.Dir}}/',
    'loggingdir' => '{{.Dir}}/',
    'datadir' => '{{.Dir}}/',
    'tempdir' => '{{.Dir}}/temporary',
    'metadatadir' => '{{.Dir}}/metadata/',
    'logging.handler' => 'file',
    'logging.level' => SimpleSAML\Logger::INFO,
    'secretsalt' => 'nothing but a test uses this one',
    'auth.adminpassword' => 'nobody signs in with this one',
    'timezone' => 'Europe/Paris',
    'enable.saml20-idp' => true,
    'module.enable' => ['core' => true, 'saml' => true, 'exampleauth' => true],
    'session.phpsession.savepath' => '{{.Dir}}',
    'session.cookie.secure' => false,
    'session.phpsession.httponly' => true,
    'statistics.out' => [],
    'metadata.sources' => [
        ['type' => 'flatfile'],
        {{- if .SP}}
        ['type' => 'xml', 'file' => '{{.Dir}}/sp.xml'],
        {{- end}}
    ],
]);

<?php
$metadata['http://127.0.0.1:{{.Port}}/idp'] = [
    'host' => '__DEFAULT__',
    'privatekey' => 'sp.key',
    'certificate' => 'sp.pem',
    'auth' => 'pupils',
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
    'SingleSignOnServiceBinding' => [
        'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
        'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
    ],
    'redirect.sign' => true,
    'redirect.validate' => true,
    'sign.logout' => true,
    'saml20.sign.response' => {{.SignResponse}},
    'saml20.sign.assertion' => true,
    'assertion.encryption' => {{.Encrypted}},
    'saml20.sendartifact' => {{.Artifact}},
];

<?php
$config = [
    'pupils' => [
        'exampleauth:UserPass',
        'lou:a test' => [
            'ENTPersonJointure' => ['MOULIN$4711'],
            'ENTPersonProfils' => ['National_ELV'],
            'ENTPersonStructRattach' => ['0280202T'],
            'ENTPersonDateNaissance' => ['12/03/2014'],
            'ENTEleveNivFormation' => ['5EME'],
            'ENTPersonAdresse' => ['1 rue du Canal'],
        ],
    ],
];

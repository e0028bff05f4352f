<?php
$config['db_dsnw'] = 'sqlite:////var/lib/webmail/roundcube.db?mode=0600';
$config['des_key'] = trim(file_get_contents('/run/maildomain/current/roundcube/key'));
$config['cipher_method'] = 'AES-256-GCM';
$config['log_driver'] = 'stdout';
$config['log_logins'] = true;
$config['smtp_log'] = false;
$config['temp_dir'] = '/var/lib/webmail/temp/';
$config['enable_installer'] = false;

// The plugin maildomain leads each login to its server.
$config['imap_host'] = 'ssl://mail.vaamonde.pti:993';
$config['smtp_user'] = '%u';
$config['smtp_pass'] = '%p';
$config['smtp_helo_host'] = 'webmail.localdomain';
$config['maildomain_authority'] = '/run/maildomain/current/tls/authority.pem';
$config['maildomain_places'] = [
    'mail.vaamonde.pti' => 'maildomain-lab-mail-server',
];
$config['maildomain_domains'] = [
    'vaamonde.pti' => 'mail.vaamonde.pti',
];
$config['maildomain_hosts'] = [
    'webmail.vaamonde.pti' => 'vaamonde.pti',
];
$config['maildomain_pages'] = [
    'webmail.vaamonde.pti' => 'https://mail.vaamonde.pti/',
];
$config['maildomain_page_titles'] = [
    'de' => 'E-Mail einrichten',
    'en' => 'Set up your e-mail',
    'es' => 'Configura tu correo',
    'fr' => 'Configurez votre messagerie',
    'pt' => 'Configure seu e-mail',
];
$config['maildomain_brand'] = [
    'color' => '#1d3f72',
    'text' => '#fff',
];
$config['maildomain_password_port'] = 106;
$config['trusted_host_patterns'] = ['^(webmail\.vaamonde\.pti)$'];

$config['use_https'] = true;
$config['session_samesite'] = 'Lax';
$config['session_lifetime'] = 60;
// By its own limit, whoever guesses keeps the owner out as well. The mail server counts, and the plugin maildomain limits.
$config['login_rate_limit'] = 0;
// Password managers may fill it in, as for any other login.
$config['login_autocomplete'] = 2;
$config['login_username_maxlen'] = 320;
$config['login_password_maxlen'] = 256;
// The name, and no version.
$config['display_product_info'] = 1;

// The server's own folders (RFC 6154), and those alone.
$config['drafts_mbox'] = 'Drafts';
$config['junk_mbox'] = 'Junk';
$config['sent_mbox'] = 'Sent';
$config['trash_mbox'] = 'Trash';
$config['archive_mbox'] = 'Archive';
$config['create_default_folders'] = false;
$config['quota_zero_as_unlimited'] = true;

// Whoever adds an identity cannot give it an address: the server would not let them send as it.
$config['identities_level'] = 1;
$config['max_message_size'] = 52428800;
$config['enable_spellcheck'] = false;
$config['show_images'] = 0;
$config['htmleditor'] = 0;
$config['message_sort_col'] = 'arrival';
$config['skin'] = 'elastic';
$config['plugins'] = ['maildomain', 'archive', 'managesieve', 'markasjunk', 'password', 'zipdownload'];
$config['markasjunk_spam_mbox'] = 'Junk';
$config['markasjunk_ham_mbox'] = 'INBOX';
$config['markasjunk_move_spam'] = true;
$config['markasjunk_move_ham'] = true;
$config['managesieve_default'] = '';
$config['managesieve_vacation'] = 1;
$config['password_driver'] = 'maildomain';
$config['password_confirm_current'] = true;
$config['password_minimum_length'] = 12;

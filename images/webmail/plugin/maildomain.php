<?php

require_once __DIR__ . '/login-limit.php';

/**
 * Where Roundcube finds the stack's mail servers. Their names are those of their certificates, by which people and
 * the database know them; each container is reached by the name that the engine gives it.
 */
class maildomain extends rcube_plugin
{
    private rcmail $rc;
    private maildomain_login_limit $limit;

    public function init()
    {
        $this->rc = rcmail::get_instance();
        $domain = $this->rc->config->get('maildomain_hosts')[self::host()] ?? null;
        // So that people see where they are; no version for strangers.
        $brand = $this->rc->config->get('maildomain_brand')['name'] ?? $domain;
        $this->rc->config->set('product_name', $brand === null ? 'Webmail' : "Webmail · $brand");
        $this->limit = new maildomain_login_limit(rcube_utils::remote_ip());
        $this->add_hook('startup', [$this, 'session']);
        $this->add_hook('template_container', [$this, 'page']);
        $this->add_hook('render_page', [$this, 'login']);
        $this->add_hook('authenticate', [$this, 'authenticate']);
        $this->add_hook('login_failed', [$this, 'failed']);
        $this->add_hook('user_create', [$this, 'name']);
        $this->add_hook('login_after', [$this, 'identities']);
        $this->add_hook('storage_connect', [$this, 'imap']);
        $this->add_hook('smtp_connect', [$this, 'smtp']);
        $this->add_hook('managesieve_connect', [$this, 'sieve']);
    }

    /**
     * A session ends with the password that has opened it, at the next request whatever that is for: what is in the
     * database needs no server. One that does not answer ends nothing.
     */
    public function session($args)
    {
        if (!empty($_SESSION['user_id']) && !in_array($args['task'], ['login', 'logout'], true)) {
            $storage = $this->rc->get_storage();
            if (!$this->rc->storage_connect() && $storage->conn->resultcode === 'AUTHENTICATIONFAILED') {
                $this->rc->kill_session();
            }
        }
        return $args;
    }

    /** The login leads to the set-up page of its domain. */
    public function page($args)
    {
        $url = $this->rc->config->get('maildomain_pages')[self::host()] ?? null;
        if ($args['name'] === 'loginfooter' && $url !== null) {
            $titles = $this->rc->config->get('maildomain_page_titles');
            $title = $titles[substr((string) $this->rc->get_user_language(), 0, 2)] ?? $titles['en'];
            $args['content'] .= html::p('maildomain-page', html::a(['href' => $url], rcube::Q($title)));
        }
        return $args;
    }

    /** The login in the brand's color, with what the skin lacks: contrast, zooming, a heading that is part of the page. */
    public function login($args)
    {
        if ($args['template'] === 'login') {
            ['color' => $color, 'text' => $text] = $this->rc->config->get('maildomain_brand');
            $style = "#rcmloginsubmit, #rcmloginsubmit:hover, #rcmloginsubmit:focus, #rcmloginsubmit:active {"
                . " background: $color !important; border-color: currentcolor !important; color: $text !important; }"
                . ' #login-form #login-footer, #login-footer a { color: #3b444d; opacity: 1; }'
                . ' html.dark-mode #login-form #login-footer, html.dark-mode #login-footer a { color: #d5dbe1; }'
                . ' h1.voice { display: block !important; position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden;'
                . ' clip-path: inset(50%); }'
                . ' #login-form #logo { max-width: 100%; max-height: 6rem; }';
            $page = str_replace(
                [', maximum-scale=1.0', ' role="contentinfo"', '</head>'],
                ['', '', "<style>$style</style>\n</head>"],
                $args['content']
            );
            // The heading, for those who hear the page, belongs to its main part.
            $args['content'] = preg_replace('~(<h1 class="voice">.*?</h1>)(.*?role="main">)~s', '$2$1', $page) ?? $page;
        }
        return $args;
    }

    /** The server is that of the login's domain; a bare name is of the domain whose webmail this is. */
    public function authenticate($args)
    {
        if ($this->limit->isReached()) {
            http_response_code(429);
            header('Content-Type: text/plain; charset=utf-8');
            header('Retry-After: 60');
            exit("Too many attempts to log in. Try again in a minute.\n");
        }
        $user = mb_strtolower(trim($args['user']));
        if ($user !== '' && !str_contains($user, '@')) {
            $user .= '@' . ($this->rc->config->get('maildomain_hosts')[self::host()] ?? '');
        }
        $domain = rcube_utils::idn_to_ascii(substr(strrchr($user, '@') ?: '@', 1));
        $server = $this->rc->config->get('maildomain_domains')[$domain] ?? null;
        if ($server === null) {
            // The same as for an unknown user, and as slow: this must not reveal which domains are here.
            sleep(1);
            return ['abort' => true] + $args;
        }
        return ['user' => $user, 'host' => "ssl://$server:993"] + $args;
    }

    /** A server that does not answer is nobody's failure. */
    public function failed($args)
    {
        if ($args['code'] !== rcmail::ERROR_STORAGE) {
            $this->limit->fail();
        }
        return $args;
    }

    /** The mail server counts wrong passwords by the address of whoever tries them, and not by this one's. */
    public function imap($args)
    {
        [$place, $options] = self::way($args['host']);
        return [
            'host' => $place,
            'socket_options' => $options,
            'preauth_ident' => ['x-originating-ip' => rcube_utils::remote_ip()],
        ] + $args;
    }

    public function smtp($args)
    {
        [$place, $options] = self::way($_SESSION['storage_host'] ?? '');
        return ['smtp_host' => "ssl://$place:465", 'smtp_conn_options' => $options] + $args;
    }

    public function sieve($args)
    {
        [$place, $options] = self::way($_SESSION['storage_host'] ?? '');
        return ['host' => "tls://$place:4190", 'socket_options' => $options] + $args;
    }

    public function name($args)
    {
        return ['user_name' => self::known($args['user'])['name'] ?? ''] + $args;
    }

    /**
     * An identity for every address that the server lets the login send as, and no other. The declared name is in those
     * whose name is still the one that was declared before: what a user has written stays.
     */
    public function identities($args)
    {
        $user = $this->rc->user;
        $login = mb_strtolower($user->get_username());
        $known = self::known($login);
        $name = $known['name'] ?? '';
        $before = $user->get_prefs()['maildomain_name'] ?? '';
        $allowed = $known['addresses'] ?? [$login];
        $identities = $user->list_identities();
        $present = array_map(fn($identity) => mb_strtolower($identity['email']), $identities);
        // First: Roundcube keeps the last one that there is.
        foreach (array_diff($allowed, $present) as $email) {
            $user->insert_identity(['name' => $name, 'email' => $email, 'standard' => 0]);
        }
        foreach ($identities as $identity) {
            if (!in_array(mb_strtolower($identity['email']), $allowed, true)) {
                $user->delete_identity($identity['identity_id']);
            } elseif ($identity['name'] !== $name && in_array($identity['name'], ['', $before], true)) {
                $user->update_identity($identity['identity_id'], ['name' => $name]);
            }
        }
        if ($name !== $before) {
            $user->save_prefs(['maildomain_name' => $name]);
        }
        return $args;
    }

    /** What the stack says of a login. Thousands of them are read when one of them logs in, and at no other time. */
    private static function known(string $login): ?array
    {
        $senders = json_decode(file_get_contents('/run/maildomain/current/roundcube/senders.json'), true);
        return $senders[mb_strtolower($login)] ?? null;
    }

    private static function host(): string
    {
        return preg_replace('/:\d+$/', '', mb_strtolower($_SERVER['HTTP_HOST'] ?? ''));
    }

    /** The container of a server, and how to know that it is the server. */
    public static function way(string $server): array
    {
        $config = rcmail::get_instance()->config;
        $place = $config->get('maildomain_places')[$server] ?? $server;
        $ssl = ['verify_peer' => true, 'verify_peer_name' => true, 'peer_name' => $server];
        $authority = $config->get('maildomain_authority');
        return [$place, ['ssl' => $ssl + ($authority === null ? [] : ['cafile' => $authority])]];
    }
}

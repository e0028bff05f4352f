<?php

/**
 * Changes a password at the user's mail server, in the words of poppassd, over TLS to the server's certificate
 * (the password plugin's own driver for it knows no TLS).
 */
class rcube_maildomain_password
{
    public function save($current, $new, $user)
    {
        // Each is a line of the conversation.
        if (preg_match('/[\x00-\x1f\x7f]/', $user . $current . $new)) {
            return PASSWORD_ERROR;
        }
        [$place, $options] = maildomain::way($_SESSION['storage_host'] ?? '');
        $port = rcmail::get_instance()->config->get('maildomain_password_port');
        $socket = @stream_socket_client("ssl://$place:$port", $number, $problem, 10, STREAM_CLIENT_CONNECT, stream_context_create($options));
        if ($socket === false) {
            rcube::raise_error(['message' => "Password change: $place does not answer: $problem"], true, false);
            return PASSWORD_CONNECT_ERROR;
        }
        // A wrong password is answered late.
        stream_set_timeout($socket, 40);
        $answer = fgets($socket, 1024);
        foreach (['from ' . rcube_utils::remote_ip(), "user $user", "pass $current", "newpass $new"] as $line) {
            if ($answer === false || !preg_match('/^[23]/', $answer)) {
                break;
            }
            fwrite($socket, "$line\r\n");
            $answer = fgets($socket, 1024);
        }
        fclose($socket);
        if ($answer === false) {
            return PASSWORD_CONNECT_ERROR;
        }
        if (str_starts_with($answer, '2')) {
            return PASSWORD_SUCCESS;
        }
        // Why, in the server's words: what it asks of a password may be more than Roundcube knows.
        return ['code' => PASSWORD_ERROR, 'message' => trim(substr($answer, 4))];
    }
}

-- A Prosody to try the examples with: for this machine alone, without TLS, its accounts in `prosody-data/`.

data_path = "prosody-data"
certificates = "."
run_as_root = true
interfaces = { "127.0.0.1" }
c2s_ports = { 15222 }
modules_enabled = { "saslauth", "disco", "presence", "message", "iq" }
modules_disabled = { "s2s" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
log = { warn = "*console" }

VirtualHost "localhost"

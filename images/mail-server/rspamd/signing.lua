-- Signs what users send, and what this server writes itself: bounces, delay notices, answers and notices of users'
-- rules. Those have no envelope sender, so SPF passes for the server's own name only, which is not that of the From
-- line; without a signature they fail DMARC (RFC 7489 section 3.1). What a rule redirects stays its author's.
-- There is a signature for each key of the From: domain. Rspamd's own module has its domains in the
-- configuration: a new domain or key would take a reload, and a reload breaks the sessions in which Postfix is
-- about to hand over a message. Who may send as whom has been decided by then.
local lookup = dofile("/usr/lib/maildomain/rspamd/lookup.lua")
local read_table, line_of, is_from_this_server = lookup.read_table, lookup.line_of, lookup.is_from_this_server
local keys = "/run/maildomain/current/rspamd/signing-keys"

local function keys_of(domain)
  local text = read_table(keys)
  local found = {}
  for selector, path in (text and line_of(text, domain) or ""):gmatch("(%S+) (%S+)") do
    found[#found + 1] = { selector = selector, path = path }
  end
  return found
end

-- Postfix names the service that took the message in; what it makes itself came in by none, and has the host's name.
local function is_own_writing(task)
  if not is_from_this_server(task) then return false end
  if tostring(task:get_request_header("MTA-Name")) ~= "INJECTION" then return true end
  return task:get_header("X-Sieve-Redirected-From") == nil
    and (task:get_header("Auto-Submitted") or ""):lower():find("^%s*auto%-") ~= nil
end

rspamd_config:register_symbol{
  name = "DKIM_SIGNED", type = "idempotent", score = 0.0, flags = "empty,ignore_passthrough",
  callback = function(task)
    local from = task:get_from("mime") or {}
    if #from ~= 1 or not (task:get_user() or is_own_writing(task)) then return end
    local domain = (from[1].domain or ""):lower()
    for _, key in ipairs(keys_of(domain)) do
      rspamd_plugins.dkim.sign(task, { domain = domain, selector = key.selector, key = key.path })
    end
  end,
}

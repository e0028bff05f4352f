-- A bounce, a delay notice, a report or a vacation answer to an address that somebody else has put into the envelope is
-- spam from here (RFC 3834 section 3.1.5, RFC 5321 section 6.2). Whoever may send in the name of the address' domain has
-- proven it by SPF, or by a signature of that domain; every other message is accepted without a sender, so that nothing
-- in this server has an address to answer to. Authentication-Results keeps the one that it came with.
local lookup = dofile("/usr/lib/maildomain/rspamd/lookup.lua")
local is_from_this_server = lookup.is_from_this_server
local rspamd_util = require "rspamd_util"

-- The domain of the owner of a name: of mail.example.org, example.org.
local function owner(domain)
  return tostring(rspamd_util.get_tld(domain:lower()))
end

local function is_signed_by(task, domain)
  for _, result in ipairs(task:get_symbol("R_DKIM_ALLOW") or {}) do
    for _, option in ipairs(result.options or {}) do
      local signer = option:match("^([^:]+):")
      if signer and owner(signer) == owner(domain) then return true end
    end
  end
  return false
end

rspamd_config:register_symbol{
  name = "UNPROVEN_SENDER", type = "idempotent", score = 0.0, flags = "empty,ignore_passthrough",
  callback = function(task)
    if task:get_user() or is_from_this_server(task) then return end
    local sender = (task:get_from("smtp") or {})[1]
    if not sender or (sender.addr or "") == "" then return end
    if task:has_symbol("R_SPF_ALLOW") or is_signed_by(task, sender.domain or "") then return end
    task:set_milter_reply({ change_from = "<>" })
  end,
}

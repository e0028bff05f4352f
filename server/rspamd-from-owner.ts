import { SENDERS } from "./container-paths.ts";

/**
 * Postfix compares the envelope sender with the login; nothing but this rule looks at the From: header,
 * which is what people see and what the DKIM signature vouches for.
 */
export const FROM_OWNER_LUA = `-- Handed in by Dovecot for a user's own rule: it was looked at when it came, and the sender's SPF cannot fit now.
rspamd_config:register_symbol{
  name = "INJECTED", type = "prefilter", priority = 10,
  callback = function(task)
    local ip = task:get_from_ip()
    if ip and ip:is_valid() and tostring(ip) == "127.0.0.1" and not task:get_user() then
      task:set_pre_result("accept", "a user's own rule", "injected")
    end
  end,
}

local senders = "${SENDERS}"

-- Read at every message: the table is small, and a new mailbox must be able to send at once, while a map
-- of Rspamd would be looked at every half minute.
local function read_table()
  local file, why = io.open(senders)
  if not file then return nil, why end
  local text = "\\n" .. file:read("*a")
  file:close()
  return text
end

local function owners_of(text, key)
  local _, stop = text:find("\\n" .. key .. " ", 1, true)
  if stop then return text:match("[^\\n]*", stop + 1) end
end

local function owned(text, address, login)
  local user, domain = address:lower():match("^(.+)@([^@]+)$")
  if not user then return false end
  local bare = user:match("^([^+]+)%+")
  local owners = owners_of(text, user .. "@" .. domain)
    or (bare and owners_of(text, bare .. "@" .. domain))
    or owners_of(text, "@" .. domain)
  for owner in (owners or ""):gmatch("[^,%s]+") do
    if owner == login:lower() then return true end
  end
  return false
end

rspamd_config:register_symbol{
  name = "AUTH_FROM_OWNER", type = "prefilter", priority = 10,
  callback = function(task)
    local login = task:get_user()
    if not login then return end
    local text, why = read_table()
    if not text then
      task:set_pre_result("soft reject", "the sender table cannot be read: " .. why, "from_owner")
      return
    end
    local headers = task:get_header_full("From", true) or {}
    local from = task:get_from("mime") or {}
    if #headers ~= 1 or #from ~= 1 then
      task:set_pre_result("reject", "exactly one From address is required", "from_owner")
    elseif not owned(text, from[1].addr or "", login) then
      task:set_pre_result("reject", "From address is not owned by this login", "from_owner")
    end
  end,
}
`;

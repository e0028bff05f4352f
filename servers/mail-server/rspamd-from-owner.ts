import { SENDERS } from "../generation/container-paths.ts";

/**
 * Postfix compares the envelope sender with the login; nothing but this rule looks at the From: header,
 * which is what people see and what the DKIM signature vouches for.
 */
export const FROM_OWNER_LUA = `local senders = "${SENDERS}"

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

local function one_from(task)
  local headers = task:get_header_full("From", true) or {}
  local from = task:get_from("mime") or {}
  if #headers == 1 and #from == 1 then return from[1].addr or "" end
end

-- Submitted by Dovecot for a user's own rule: it was checked on arrival, and the sender's SPF cannot match now.
-- An answer or a notice that the rule wrote has its user as envelope sender, by whom its From line is judged; it
-- leaves without one, so that nothing answers it (RFC 5230 section 5.1). Redirected mail keeps its own sender.
rspamd_config:register_symbol{
  name = "INJECTED", type = "prefilter", priority = 10,
  callback = function(task)
    local ip = task:get_from_ip()
    if not ip or not ip:is_valid() or tostring(ip) ~= "127.0.0.1" or task:get_user() then return end
    local sender = ((task:get_from("smtp") or {})[1] or {}).addr or ""
    local written = (task:get_header("Auto-Submitted") or ""):lower():find("^%s*auto%-")
    if written and sender ~= "" then
      local text, why = read_table()
      if not text then
        task:set_pre_result("soft reject", "the sender table cannot be read: " .. why, "injected")
        return
      end
      local user = sender:lower():gsub("%+[^@]*", "")
      if owned(text, user, user) then
        local from = one_from(task)
        if not from or not owned(text, from, user) then
          task:set_pre_result("reject", "a rule may not write in another's name", "injected")
          return
        end
        task:set_milter_reply({ change_from = "<>" })
      end
    end
    task:set_pre_result("accept", "a user's own rule", "injected")
  end,
}

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
    local from = one_from(task)
    if not from then
      task:set_pre_result("reject", "exactly one From address is required", "from_owner")
    elseif not owned(text, from, login) then
      task:set_pre_result("reject", "From address is not owned by this login", "from_owner")
    end
  end,
}
`;

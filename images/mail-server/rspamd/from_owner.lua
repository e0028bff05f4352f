-- Postfix compares the envelope sender with the login; nothing but this rule looks at the From: header,
-- which is what people see and what the DKIM signature vouches for, and at the other fields that programs show.
local lookup = dofile("/usr/lib/maildomain/rspamd/lookup.lua")
local read_table, line_of, entry_of = lookup.read_table, lookup.line_of, lookup.entry_of
local address_field = dofile("/usr/lib/maildomain/rspamd/address_field.lua")
local is_of_own_rule = address_field.is_of_own_rule
local read_own_domains = address_field.read_own_domains
local fields_named = address_field.fields_named
local longest = address_field.longest
local one_mailbox = address_field.one_mailbox
local own_addresses_in = address_field.own_addresses_in
local rspamd_util = require "rspamd_util"
local senders = "/run/maildomain/current/postfix/tables/senders"

local function owned(text, address, login)
  local owners, domain = entry_of(text, address:lower())
  if not domain then return false end
  for owner in (owners or line_of(text, "@" .. domain) or ""):gmatch("[^,%s]+") do
    if owner == login:lower() then return true end
  end
  return false
end

-- "x on behalf of y" is how programs show a Sender, and "resent by x" a resent message (RFC 5322 sections 3.6.2 and
-- 3.6.6); an Author may be shown in the place of From (RFC 9057).
local shown_fields = { from = true, sender = true, ["resent-from"] = true, ["resent-sender"] = true,
  author = true, ["original-from"] = true, ["x-original-from"] = true, ["x-sender"] = true }

-- Why a message does not show its sender as one of the login's addresses, and as nobody else here.
local function claim_of_another(task, text, login)
  local own, why = read_own_domains()
  if not own then return "soft reject", "the own domains cannot be read: " .. why end
  local fields = fields_named(task, shown_fields)
  local froms = {}
  for _, field in ipairs(fields) do
    if field.name == "from" then froms[#froms + 1] = field.value end
  end
  if #froms ~= 1 then return "reject", "exactly one From address is required" end
  local from
  from, why = one_mailbox(froms[1])
  if not from then return "reject", "exactly one From address is required: " .. why end
  if not owned(text, from.addr, login) then return "reject", "From address is not owned by this login" end
  for _, field in ipairs(fields) do
    local name = field.name:gsub("^%l", string.upper):gsub("%-%l", string.upper)
    if #field.value > longest then return "reject", name .. " is longer than " .. longest .. " bytes" end
    if not rspamd_util.is_valid_utf8(field.value) then
      return "reject", name .. " has characters of no known encoding"
    end
    for _, shown in ipairs(own_addresses_in(field.value, task, own)) do
      if not owned(text, shown.addr, login) then
        return "reject", name .. " shows " .. shown.addr:gsub("[^!-$&-~]", "?") .. ", which is not owned by this login"
      end
    end
  end
  -- The signature is made for the address that was compared, and not for what another parser finds.
  local parsed = task:get_from("mime") or {}
  if #parsed ~= 1 or (parsed[1].addr or ""):lower() ~= from.addr:lower() then
    task:set_from("mime", { user = from.user, domain = from.domain, addr = from.addr, name = "" }, "rewrite")
  end
end

-- Submitted by Dovecot for a user's own rule: it was checked on arrival, and the sender's SPF cannot match now.
-- An answer or a notice that the rule wrote has its user as envelope sender, by whom its From line is judged; it
-- leaves without one, so that nothing answers it (RFC 5230 section 5.1). Redirected mail keeps its own sender.
rspamd_config:register_symbol{
  name = "INJECTED", type = "prefilter", priority = 10,
  callback = function(task)
    if not is_of_own_rule(task) then return end
    local sender = ((task:get_from("smtp") or {})[1] or {}).addr or ""
    local written = (task:get_header("Auto-Submitted") or ""):lower():find("^%s*auto%-")
    if written and sender ~= "" then
      local text, why = read_table(senders)
      if not text then
        task:set_pre_result("soft reject", "the sender table cannot be read: " .. why, "injected")
        return
      end
      local user = sender:lower():gsub("%+[^@]*", "")
      if owned(text, user, user) then
        local action, reason = claim_of_another(task, text, user)
        if action then
          task:set_pre_result(action, "a rule may not write in another's name: " .. reason, "injected")
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
    local text, why = read_table(senders)
    if not text then
      task:set_pre_result("soft reject", "the sender table cannot be read: " .. why, "from_owner")
      return
    end
    local action, reason = claim_of_another(task, text, login)
    if action then task:set_pre_result(action, reason, "from_owner") end
  end,
}

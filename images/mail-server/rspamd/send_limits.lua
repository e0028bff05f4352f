-- Counts what leaves in each user's name over the last hour, whatever caused it: what the user hands in, each address
-- that an alias in it leads to, what a rule of the user redirects, answers or reports, and what is forwarded from the
-- mailbox. Rspamd's own module needs Redis; here its processes share some files in memory. A restart of the server
-- forgives what was sent before it.
--
-- Nothing is lost by a limit: what a user hands in is refused, mail that is redirected or forwarded waits with whoever has
-- it, and only the answers of a rule are left out.
local lookup = dofile("/usr/lib/maildomain/rspamd/lookup.lua")
local read_table = lookup.read_table
local line_of = lookup.line_of
local entry_of = lookup.entry_of
local is_from_this_server = lookup.is_from_this_server
local limits = "/run/maildomain/current/rspamd/send-limits"
local aliases = "/run/maildomain/current/postfix/tables/aliases"
local mailboxes = "/run/maildomain/current/postfix/tables/mailboxes"
local rspamd_util = require "rspamd_util"
local sent = "/run/rspamd/sent"
local hour, span = 3600, 600

-- One that cannot be read has no lines.
local function read(path)
  return read_table(path) or "\n"
end

local function targets_in(line)
  local found = {}
  for target in line:gmatch("[^,%s]+") do found[#found + 1] = target:lower() end
  return found
end

-- Where an address leads: the number of addresses at its end, and the mailboxes among them.
local function ends_of(tables, address, seen, reached)
  if seen[address] then return 0 end
  seen[address] = true
  local mailbox = entry_of(tables.mailboxes, address)
  if mailbox then
    reached[mailbox:match("%S+"):lower()] = true
    return 1
  end
  local line, domain = entry_of(tables.aliases, address)
  line = line or (domain and line_of(tables.aliases, "@" .. domain))
  if not line then return 1 end
  local count = 0
  for _, target in ipairs(targets_in(line)) do count = count + ends_of(tables, target, seen, reached) end
  return count
end

-- The mailboxes that send what they get on, each with how many addresses it reaches so.
local function charge_forwards(tables, reached, charges)
  local waiting, done = {}, {}
  for mailbox in pairs(reached) do waiting[#waiting + 1] = mailbox end
  while #waiting > 0 do
    local mailbox = table.remove(waiting)
    local line = not done[mailbox] and line_of(tables.aliases, mailbox)
    done[mailbox] = true
    for _, target in ipairs(line and targets_in(line) or {}) do
      if target ~= mailbox then
        local further = {}
        charges[mailbox] = (charges[mailbox] or 0) + ends_of(tables, target, {}, further)
        for other in pairs(further) do waiting[#waiting + 1] = other end
      end
    end
  end
end

-- Whose rule has written or redirected a message.
local function owner_of_rule(task)
  if not is_from_this_server(task) then return nil end
  if tostring(task:get_request_header("MTA-Name")) ~= "INJECTION" then return nil end
  local redirected = (task:get_header_full("X-Sieve-Redirected-From") or {})[1]
  local address = redirected and redirected.value or ((task:get_from("smtp") or {})[1] or {}).addr or ""
  -- A rejection comes from the postmaster, and names its user inside.
  if address == "" then address = tostring(task:get_content() or ""):match("\nFinal%-Recipient: rfc822;%s*(%S+)") or "" end
  return (address:lower():gsub("^%s*<?", ""):gsub(">?%s*$", ""):gsub("%+[^@]*", "")), redirected ~= nil
end

-- Each user has a few files, one per span of time, which are used in turn. Lines are only added: that no two processes
-- wait for each other, each writes down first what it is about to send, and looks at the sum afterwards.
local function file_of(login, number)
  local name = login:gsub("[^%w@._-]", function(sign) return ("%%%02x"):format(sign:byte()) end)
  return sent .. "/" .. name .. "." .. number % (hour / span + 2)
end

local function entries_in(path, since)
  local file, total, last = io.open(path), 0, 0
  for line in file and file:lines() or function() end do
    local at, count = line:match("^(%d+) (-?%d+)$")
    last = tonumber(at) or last
    if last > since then total = total + (tonumber(count) or 0) end
  end
  if file then file:close() end
  return total, last
end

local function note(login, at, count)
  local path = file_of(login, math.floor(at / span))
  local _, last = entries_in(path, math.huge)
  local file = io.open(path, last > at - hour and "a" or "w")
  if not file then return end
  file:write(("%d %d\n"):format(at, count))
  file:close()
end

local function sent_lately(login, now)
  local total = 0
  for number = math.floor((now - hour) / span), math.floor(now / span) do
    total = total + entries_in(file_of(login, number), now - hour)
  end
  return total
end

local function refuse(task, login, count, limit, how)
  local text = login .. " may send to " .. limit .. " recipients per hour"
  if how.own then text = "this account may send to " .. limit .. " recipients per hour" end
  if how.answers then
    task:set_pre_result("reject", text, "send_limit")
  elseif how.own and count > limit then
    task:set_pre_result("reject", text, "send_limit")
  else
    task:set_pre_result("soft reject", text .. "; try again later", "send_limit")
  end
end

local function give_back(reserved)
  for _, one in ipairs(reserved) do note(one.user, one.at, -one.count) end
end

rspamd_config:register_symbol{
  name = "SEND_LIMIT", type = "prefilter", priority = 12,
  callback = function(task)
    local limit_table = read(limits)
    if limit_table == "\n" then return end
    local tables = { aliases = read(aliases), mailboxes = read(mailboxes) }
    local charges, how = {}, {}
    local rule_owner, redirects = owner_of_rule(task)
    local login = (task:get_user() or ""):lower()
    if login ~= "" then how[login] = { own = true } end
    if rule_owner then
      login = rule_owner
      how[login] = { answers = not redirects }
    end
    for _, recipient in ipairs(task:get_recipients("smtp") or {}) do
      local reached = {}
      local count = ends_of(tables, (recipient.addr or ""):lower(), {}, reached)
      if login ~= "" then charges[login] = (charges[login] or 0) + count end
      charge_forwards(tables, reached, charges)
    end
    local now, reserved = math.floor(rspamd_util.get_time()), {}
    for user, count in pairs(charges) do
      local limit = tonumber((line_of(limit_table, user) or ""):match("^%d+"))
      if limit then
        note(user, now, count)
        reserved[#reserved + 1] = { user = user, at = now, count = count }
        if sent_lately(user, now) > limit then
          give_back(reserved)
          refuse(task, user, count, limit, how[user] or {})
          return
        end
      end
    end
    task:cache_set("send_limit_reserved", reserved)
  end,
}

-- What is refused for another reason has not been sent.
rspamd_config:register_symbol{
  name = "SEND_LIMIT_RETURN", type = "idempotent", flags = "empty,ignore_passthrough",
  callback = function(task)
    local action = task:get_metric_action()
    if action ~= "reject" and action ~= "soft reject" then return end
    give_back(task:cache_get("send_limit_reserved") or {})
  end,
}

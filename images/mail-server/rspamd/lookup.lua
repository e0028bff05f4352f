-- Lua that several rules share: how a table of the generation is looked up, and who hands a message in.
-- A table's text, each line after a line break. Read at every message: the tables are small, and a new mailbox must be able
-- to send at once, while a map of Rspamd would be looked at every half minute.
local function read_table(path)
  local file, why = io.open(path)
  if not file then return nil, why end
  local text = "\n" .. file:read("*a")
  file:close()
  return text
end

local function line_of(text, key)
  local _, stop = text:find("\n" .. key .. " ", 1, true)
  return stop and text:match("[^\n]*", stop + 1)
end

-- The line of an address, whole or without what follows a plus, and its domain, for which Postfix looks next.
local function entry_of(text, address)
  local user, domain = address:match("^(.+)@([^@]+)$")
  if not user then return nil end
  local bare = user:match("^([^+]+)%+")
  return line_of(text, address) or (bare and line_of(text, bare .. "@" .. domain)), domain
end

-- Whether one of this server's own programs hands the message in: nobody else is at its loopback address.
local function is_from_this_server(task)
  local ip = task:get_from_ip()
  return ip ~= nil and ip:is_valid() and tostring(ip) == "127.0.0.1"
end

return {
  is_from_this_server = is_from_this_server,
  read_table = read_table,
  line_of = line_of,
  entry_of = entry_of,
}

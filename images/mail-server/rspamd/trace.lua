-- Removes what claims to have been found or written here before: whoever reads the message later, a user's program or
-- rule, believes the results that bear this server's name (RFC 8601 section 5). Those of other servers stay.
local address_field = dofile("/usr/lib/maildomain/rspamd/address_field.lua")
local is_of_own_rule = address_field.is_of_own_rule
local read_own_domains = address_field.read_own_domains
local is_ours = address_field.is_ours
local fields_named = address_field.fields_named

-- Results that name who found them.
local results = { ["authentication-results"] = true, ["x-authentication-results"] = true,
  ["arc-authentication-results"] = true, ["received-spf"] = true }
local arc_set = { ["arc-authentication-results"] = true, ["arc-message-signature"] = true, ["arc-seal"] = true }
local traces = {}
for _, names in ipairs({ results, arc_set }) do
  for name in pairs(names) do traces[name] = true end
end

-- A structured field without its comments and quotes, in lower case, and with nothing around its dots.
local function plain(text)
  local out, i, depth = {}, 1, 0
  while i <= #text do
    local c = text:sub(i, i)
    if c == "\\" then i = i + 1
    elseif c == "(" then depth = depth + 1
    elseif c == ")" then depth = math.max(depth - 1, 0)
    elseif depth == 0 and c ~= '"' then out[#out + 1] = c end
    i = i + 1
  end
  return (table.concat(out):lower():gsub("%s*%.%s*", "."))
end

local function names_us(text, own)
  for token in text:gmatch("[^%s=,/]+") do
    if is_ours((token:gsub("%.+$", "")), own) then return true end
  end
  return false
end

-- Whether results are said to be ours (RFC 8601 section 2.5, RFC 8617 section 4.1.1, RFC 7208 section 9.1).
local function is_as_if_ours(field, own)
  if field.name == "received-spf" then
    local receiver = plain(field.value):match("receiver%s*=%s*([^%s;]+)") or ""
    local comment = field.value:lower():match("^%s*%a+%s*%(%s*([%w.-]+)%s*:") or ""
    return names_us(receiver, own) or names_us(comment, own)
  end
  local text = plain(field.value)
  local first, rest = text:match("^([^;]*);?(.*)$")
  if field.name == "arc-authentication-results" and first:find("^%s*i%s*=") then first = rest:match("^[^;]*") end
  return names_us(first, own)
end

local function instance_of(field)
  return (";" .. plain(field.value)):match(";%s*i%s*=%s*(%d+)") or ""
end

-- The same name, written in the n-th way: a reply to Postfix has one line per name, which it compares without regard to
-- case, and several fields of one name may have to go.
local function spelling(name, n)
  local letters = 0
  return (name:gsub("%a", function(letter)
    letters = letters + 1
    return math.floor(n / 2 ^ (letters - 1)) % 2 == 1 and letter:upper() or letter
  end))
end

rspamd_config:register_symbol{
  name = "TRACE_OF_OURS", type = "postfilter", priority = 10, flags = "empty,ignore_passthrough",
  callback = function(task)
    if is_of_own_rule(task) then return end
    local own, why = read_own_domains()
    if not own then
      task:set_pre_result("soft reject", "the own domains cannot be read: " .. why, "trace")
      return
    end
    local fields, forged_sets, count = fields_named(task, traces), {}, 0
    for _, field in ipairs(fields) do
      field.is_removed = results[field.name] and is_as_if_ours(field, own)
      if field.is_removed and arc_set[field.name] then forged_sets[instance_of(field)] = true end
    end
    -- From the last one on, so that the others keep their numbers.
    for n = #fields, 1, -1 do
      local field = fields[n]
      -- One third of a set is of no use without the others.
      if field.is_removed or (arc_set[field.name] and forged_sets[instance_of(field)]) then
        count = count + 1
        task:set_milter_reply({ remove_headers = { [spelling(field.name, count)] = field.index } })
      end
    end
  end,
}

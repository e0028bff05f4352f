-- Lua that reads header fields as they were sent, for the rules that judge who a message says it is from. Rspamd's own
-- parser is made to find something in every field; whether a field has exactly one meaning is another question.
local lookup = dofile("/usr/lib/maildomain/rspamd/lookup.lua")
local is_from_this_server = lookup.is_from_this_server
local rspamd_util = require "rspamd_util"
local own_domains_file = "/run/maildomain/current/rspamd/own-domains"

-- What Dovecot submits for a user's own rule was judged on arrival.
local function is_of_own_rule(task)
  return not task:get_user() and is_from_this_server(task)
end

-- Lists of spellings, one list per name that is ours. Read at every message, as a new domain counts at once.
local function read_own_domains()
  local file, why = io.open(own_domains_file)
  if not file then return nil, why end
  local names = {}
  for line in file:lines() do
    for name in line:gmatch("%S+") do names[#names + 1] = name end
  end
  file:close()
  return names
end

local function is_within(name, domain)
  return name == domain or name:sub(-#domain - 1) == "." .. domain
end

-- Whether a name is one of ours or below one.
local function is_ours(name, own)
  for _, domain in ipairs(own) do
    if is_within(name, domain) then return true end
  end
  return false
end

-- The fields of these lower-case names in their order, unfolded. Names are compared without regard to case (RFC 5322
-- section 1.2.2), and may have white space before the colon (section 4.5): mail programs show those fields, too.
local function fields_named(task, wanted)
  local found, current, seen = {}, nil, {}
  for line in (tostring(task:get_raw_headers() or "") .. "\n"):gmatch("([^\n]*)\n") do
    line = line:gsub("\r$", "")
    if line:find("^[ \t]") then
      if current then current.parts[#current.parts + 1] = line end
    else
      local name, value = line:match("^([!-9;-~]+)[ \t]*:(.*)$")
      name = (name or ""):lower()
      seen[name] = (seen[name] or 0) + 1
      current = wanted[name] and { name = name, index = seen[name], parts = { value } } or nil
      if current then found[#found + 1] = current end
    end
  end
  for _, field in ipairs(found) do field.value = table.concat(field.parts) end
  return found
end

-- Words, comments and signs of a structured field (RFC 5322 section 3.2), or nothing if it has no such form.
local function tokens_of(text)
  local tokens, i, n = {}, 1, #text
  local function add(kind, start, stop, value)
    tokens[#tokens + 1] = { kind = kind, start = start, stop = stop, value = value }
    i = stop + 1
  end
  while i <= n do
    local c = text:sub(i, i)
    if c == " " or c == "\t" then
      i = i + 1
    elseif c == "(" then
      local depth, j = 1, i + 1
      while depth > 0 do
        local d = text:sub(j, j)
        if d == "" then return nil, "a comment has no end" end
        if d == "\\" then j = j + 1
        elseif d == "(" then depth = depth + 1
        elseif d == ")" then depth = depth - 1 end
        j = j + 1
      end
      add("comment", i, j - 1, text:sub(i + 1, j - 2))
    elseif c == '"' then
      local j, value = i + 1, {}
      while true do
        local d = text:sub(j, j)
        if d == "" then return nil, "a quoted string has no end" end
        if d == '"' then break end
        if d == "\\" then
          j = j + 1
          d = text:sub(j, j)
        end
        value[#value + 1] = d
        j = j + 1
      end
      add("quoted", i, j, table.concat(value))
    elseif c == "[" and text:find("^%[[^%[%]\\]*%]", i) then
      local stop = text:find("]", i, true)
      add("literal", i, stop, text:sub(i, stop))
    elseif c:find('[<>,;:@.\\%)]') then
      add(c, i, i, c)
    else
      local stop = select(2, text:find('^[^%s<>,;:@.\\()"]+', i))
      if not stop then return nil, "it has a control character" end
      add("word", i, stop, text:sub(i, stop))
    end
  end
  return tokens
end

-- local-part "@" domain from the first of the tokens on, with what follows it (RFC 5322 section 3.4.1, and the white
-- space of section 4.4).
local function address_at(tokens, first)
  local i, locals, labels = first, {}, {}
  while true do
    local token = tokens[i]
    if not token or (token.kind ~= "word" and token.kind ~= "quoted") then
      return nil, "an address has no local part"
    end
    locals[#locals + 1] = token
    i = i + 1
    if not tokens[i] or tokens[i].kind ~= "." then break end
    i = i + 1
  end
  if not tokens[i] or tokens[i].kind ~= "@" then return nil, "an address has no domain, or a name needs quotes" end
  i = i + 1
  while true do
    local token = tokens[i]
    if not token or token.kind ~= "word" then return nil, "the address is at no domain" end
    labels[#labels + 1] = token.value:lower()
    i = i + 1
    if not tokens[i] or tokens[i].kind ~= "." then break end
    i = i + 1
  end
  local text = {}
  for n, token in ipairs(locals) do text[n] = token.value end
  local user, domain = table.concat(text, "."), table.concat(labels, ".")
  if #labels < 2 or #domain > 253 then return nil, "the address is at no domain" end
  for _, label in ipairs(labels) do
    if #label > 63 or not label:find("^[a-z0-9_-]+$") or label:find("^%-") or label:find("%-$") then
      return nil, "the address is at no domain"
    end
  end
  -- An address inside of the local part is what a person would read (encoded as in RFC 2047 section 5, where it may
  -- not be, or quoted).
  if user == "" or user:find("[^ -~]") or user:find('[@"<>,;:\\()]') or user:find("=%?.*%?=") then
    return nil, "the local part is not one that people can read in one way only"
  end
  return { user = user, domain = domain, addr = user .. "@" .. domain, next = i }
end

-- No name needs more, and every further sign costs a look at each of our domains.
local longest = 2000

-- The one address of a field that has one, with the text around it that names somebody; otherwise why it has not.
-- Unquoted brackets in a name are common and harmless, and so is a name that is the address itself.
local function one_mailbox(text)
  if #text > longest then return nil, "it is longer than " .. longest .. " bytes" end
  if text:find("[%z\1-\8\10-\31\127]") then return nil, "it has a control character" end
  local all, why = tokens_of(text)
  if not all then return nil, why end
  local tokens, names, angle = {}, {}, nil
  for _, token in ipairs(all) do
    if token.kind == "comment" then
      names[#names + 1] = token.value
    else
      tokens[#tokens + 1] = token
      if token.kind == "<" then angle = angle or #tokens end
    end
  end
  if #tokens == 0 then return nil, "it is empty" end
  local address
  address, why = address_at(tokens, angle and angle + 1 or 1)
  if not address then return nil, why end
  local after = tokens[address.next]
  if not angle then
    if after then return nil, "it has more than one address, or a name without brackets around the address" end
  else
    if not after or after.kind ~= ">" or tokens[address.next + 1] then
      return nil, "it has more than one address, or brackets that do not match"
    end
    local phrase = text:sub(1, tokens[angle].start - 1)
    local same = address_at(tokens, 1)
    if not (same and same.next == angle and same.addr:lower() == address.addr:lower()) then
      for i = 1, angle - 1 do
        if not tokens[i].kind:find("^%l") and tokens[i].kind ~= "." then
          return nil, "it has more than one address, or a name that needs quotes"
        end
      end
      names[#names + 1] = phrase
    end
  end
  address.names = names
  -- Each program guesses another encoding.
  address.is_unclear = not rspamd_util.is_valid_utf8(text)
  return address
end

-- Encoded words decoded, also where RFC 2047 does not allow them: many programs decode them everywhere.
local word = "=%?[^?%s]+%?[bBqQ]%?[^?]*%?="
local function decoded(text, task)
  local out, at = {}, 1
  while true do
    local start, stop = text:find(word, at)
    if not start then break end
    out[#out + 1] = text:sub(at, start - 1)
    -- What is between encoded words is not shown (RFC 2047 section 6.2).
    while true do
      local _, more = text:find("^%s*" .. word, stop + 1)
      if not more then break end
      stop = more
    end
    local run = text:sub(start, stop)
    local list = rspamd_util.parse_mail_address(run .. " <x@y.z>", task:get_mempool()) or {}
    out[#out + 1] = list[1] and list[1].name or run
    at = stop + 1
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

-- What has no shape of its own: soft hyphens, joiners, marks of direction, fillers, variation selectors, tags.
local unseen = {
  "\xC2\xAD", "\xCD\x8F", "\xD8\x9C", "\xE1\x85[\x9F\xA0]", "\xE1\x9E[\xB4\xB5]", "\xE1\xA0[\x8B-\x8F]",
  "\xE2\x80[\x8B-\x8F\xAA-\xAE]", "\xE2\x81[\xA0-\xAF]", "\xE3\x85\xA4", "\xEF\xB8[\x80-\x8F]", "\xEF\xBB\xBF",
  "\xEF\xBE\xA0", "\xEF\xBF[\xB9-\xBB]", "\xF0\x9D\x85[\xB3-\xBA]", "\xF3\xA0[\x80-\x87][\x80-\xBF]",
}

-- What is between these two is read from right to left, to the end of the name at most.
local backwards, as_before = "\xE2\x80\xAE", "\xE2\x80\xAC"
local function in_reading_order(text)
  local out, at = {}, 1
  while true do
    local start, stop = text:find(backwards, at, true)
    if not start then break end
    out[#out + 1] = text:sub(at, start - 1)
    at = math.min(text:find(as_before, stop + 1, true) or #text + 1, text:find("<", stop + 1, true) or #text + 1)
    local signs = {}
    for sign in text:sub(stop + 1, at - 1):gmatch("[%z\1-\127\194-\244][\128-\191]*") do
      table.insert(signs, 1, sign)
    end
    out[#out + 1] = table.concat(signs)
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

-- What ends a name for its reader, and is neither a letter nor of ASCII: punctuation, symbols, emoji, and controls.
local signs = {
  "%c", "\xC2[\x80-\xBF]", "\xE1\x9A\x80", "\xE2[\x80-\xBF][\x80-\xBF]", "\xE3\x80[\x80-\xBF]",
  "\xF0\x9F[\x80-\xBF][\x80-\xBF]",
}

local function with_gaps(text)
  for _, pattern in ipairs(signs) do text = text:gsub(pattern, " ") end
  return text
end

local function with_hyphens(text)
  return (text:gsub("\xE2\x80[\x90\x91]", "-"):gsub("\xE2\x88\x92", "-"))
end

local function folded(text)
  if rspamd_util.is_valid_utf8(text) then
    text = tostring(rspamd_util.lower_utf8(tostring(rspamd_util.normalize_utf8(text) or text)) or text)
  end
  return (with_hyphens(text:lower():gsub("\t", " ")):gsub("\xE3\x80\x82", "."))
end

local function without_unseen(text)
  for _, pattern in ipairs(unseen) do text = text:gsub(pattern, "") end
  return text
end

-- Text in the one spelling in which addresses are compared.
local function as_seen(text)
  text = folded(text):gsub("\xE2\x80[\x92-\x95]", "-")
  text = text:gsub("\xE2\x80[\xA8\xA9]", " "):gsub("\xE2\xA0\x80", " ")
  return (without_unseen(text):gsub("%c", ""))
end

-- The same with gaps for signs, and what the signs would be in plain letters, as TM, left out or not.
local function as_seen_with_gaps(text)
  local plain = without_unseen(with_hyphens(text))
  return folded(with_gaps(plain)), with_gaps(folded(plain))
end

-- The ways in which programs show a field: with comments or without, and from right to left.
local function views_of(text, task)
  local with = decoded(text:gsub('["\\]', ""), task):gsub('["\\]', "")
  local without, tokens = {}, tokens_of(text) or {}
  local at = 1
  for _, token in ipairs(tokens) do
    if token.kind == "comment" then
      without[#without + 1] = text:sub(at, token.start - 1)
      at = token.stop + 1
    end
  end
  without[#without + 1] = text:sub(at)
  local shown = { with }
  if #without > 1 then
    shown[2] = decoded(table.concat(without):gsub('["\\]', ""), task):gsub('["\\]', "")
  end
  local views, known = {}, {}
  local function see(view)
    if not known[view] then views[#views + 1] = view end
    known[view] = true
  end
  local function add(view)
    see(as_seen(view))
    if view:find("[%c\128-\255]") then
      local without, with_letters = as_seen_with_gaps(view)
      see(without)
      see(with_letters)
    end
    -- The decoder writes a control character so, which programs leave out.
    if view:find("?", 1, true) then see(as_seen((view:gsub("%?", "")))) end
  end
  for _, each in ipairs(shown) do
    add(each)
    if each:find(backwards, 1, true) then add(in_reading_order(each)) end
  end
  return views
end

-- Latin letters that look like others; the check for spoofed names finds letters of other scripts only.
local look_alikes = {
  ["\xC4\xB1"] = "i", ["\xC9\xA9"] = "i", ["\xC9\xAA"] = "i", ["\xC9\x91"] = "a", ["\xC9\xA1"] = "g",
  ["\xE1\xB4\x84"] = "c", ["\xE1\xB4\x8F"] = "o", ["\xEA\x9C\xB1"] = "s", ["\xE1\xB4\x9C"] = "u",
  ["\xE1\xB4\xA0"] = "v", ["\xE1\xB4\xA1"] = "w", ["\xE1\xB4\xA2"] = "z", ["\xCA\x8F"] = "y",
}
local function is_spoof_of(name, domain)
  if not name:find("[\128-\255]") then return false end
  return rspamd_util.is_utf_spoofed(name, domain) == true
    or is_within((name:gsub("[\194-\244][\128-\191]+", look_alikes)), domain)
end

-- The end of a domain's name at the start of a text, with white space anywhere inside of it.
local function after_domain(text, domain)
  local i = 1
  for j = 1, #domain do
    while text:find("^%s", i) do i = i + 1 end
    if text:byte(i) ~= domain:byte(j) then return nil end
    i = i + 1
  end
  if text:find("^[%w_\128-\255-]", i) or text:find("^%.[%w_\128-\255]", i) then return nil end
  return i
end

-- What is quoted or marked is read without the marks: no local part here begins with one.
local function local_part(word)
  local text = (with_gaps(word):match("(%S+)%s*$") or ""):gsub("^[^%w_\128-\255]+", "")
  return text
end

-- Addresses of our own names that a reader of the text sees: which, and whether they are all that it says, or stand
-- in brackets as the address of a field does.
local function own_addresses_in(text, task, own)
  local found = {}
  for _, view in ipairs(views_of(text, task)) do
    local shown, rest_of_view, cut_at = {}, {}, 1
    local at = view:find("@", 1, true)
    while at do
      local before, rest = view:sub(1, at - 1), view:sub(at + 1)
      local start, user = before:match("()([^%s<>()%[%]:;,@]+)%s*$")
      local token_stop, token = select(2, rest:find("^%s*[^%s<>()%[%]:;,@]+")), nil
      token = rest:sub(1, token_stop or 0):gsub("^%s+", ""):gsub("%.+$", "")
      -- Without the quotation mark behind it.
      local name = token:match("^[%w._-]*"):gsub("%.+$", "")
      for _, domain in ipairs(own) do
        local stop = after_domain(rest, domain)
        local below = is_within(token, domain) and token or is_within(name, domain) and name
        local is_shown = stop or below or is_spoof_of(token, domain)
        if is_shown then
          start = start or at
          shown[#shown + 1] = {
            addr = local_part(user or "") .. "@" .. (below or domain),
            is_whole = before:sub(1, start - 1):find("<%s*$") ~= nil,
          }
          if start >= cut_at then rest_of_view[#rest_of_view + 1] = view:sub(cut_at, start - 1) end
          cut_at = math.max(cut_at, at + (stop or token_stop + 1))
        end
      end
      at = view:find("@", at + 1, true)
    end
    rest_of_view[#rest_of_view + 1] = view:sub(cut_at)
    local is_all = not table.concat(rest_of_view):gsub("mailto:", ""):find("[%w\128-\255]")
    for _, each in ipairs(shown) do
      each.is_whole = each.is_whole or is_all
      found[#found + 1] = each
    end
  end
  return found
end

return {
  is_of_own_rule = is_of_own_rule,
  read_own_domains = read_own_domains,
  is_within = is_within,
  is_ours = is_ours,
  fields_named = fields_named,
  longest = longest,
  one_mailbox = one_mailbox,
  own_addresses_in = own_addresses_in,
}

-- Brings a message into the form in which every server on the way passes it on unchanged: ASCII, in lines of at most
-- 998 bytes (RFC 5321 section 4.5.3.1.6). What is in that form already stays as it was written.
--
-- Part of the rule for submitted mail, as Lua: `convert(fields, body)` and what it needs.
local rspamd_util = require "rspamd_util"
local longest = 998
-- Lua writes quoted-printable slowly; nobody reads the source of a text of this size.
local long_text = 1024 * 1024

local function has_long_line(text)
  local start = 1
  while true do
    local stop = text:find("\n", start, true)
    local last = (stop or #text + 1) - 1
    if text:byte(last) == 13 then last = last - 1 end
    if last - start + 1 > longest then return true end
    if not stop then return false end
    start = stop + 1
  end
end

local function is_plain(text)
  return not text:find("[%z\128-\255]") and not has_long_line(text)
end

-- A header as a list of fields, each with its text up to the next one's.
local function fields_of(head)
  local fields = {}
  for line in head:gmatch("[^\n]*\n?") do
    if line:find("^[ \t]") and #fields > 0 then
      table.insert(fields[#fields].lines, line)
    elseif line ~= "" then
      local name = line:match("^([^%s:]+)[ \t]*:") or ""
      fields[#fields + 1] = { name = name, key = name:lower(), lines = { line } }
    end
  end
  for _, field in ipairs(fields) do field.raw = table.concat(field.lines) end
  return fields
end

local function head_of(fields)
  local head = {}
  for n, field in ipairs(fields) do head[n] = field.raw end
  return table.concat(head)
end

local function value_of(field)
  return (field.raw:gsub("^[^:]*:%s*", ""):gsub("\r?\n", ""):gsub("%s+$", ""))
end

local function get(fields, key)
  for _, field in ipairs(fields) do
    if field.key == key then return value_of(field) end
  end
end

-- Leaves the message with one field of that name.
local function set(fields, name, value)
  local key = name:lower()
  local new = { name = name, key = key, raw = name .. ": " .. value .. "\r\n", changed = true }
  for n = #fields, 1, -1 do
    if fields[n].key == key then table.remove(fields, n) end
  end
  fields[#fields + 1] = new
end

-- Folds at white space, which changes nothing (RFC 5322 section 2.2.3). Where a field has none, it is divided as the
-- next server would have to.
local function fold(fields)
  for _, field in ipairs(fields) do
    if has_long_line(field.raw) then
      local lines = {}
      for line, ending in field.raw:gmatch("([^\r\n]*)(\r?\n?)") do
        while #line > longest do
          local cut = line:sub(1, longest):match("^.*%S()[ \t]+%S") or 0
          if cut <= #field.name + 2 then
            cut = longest
            lines[#lines + 1] = line:sub(1, cut - 1) .. "\r\n"
            line = " " .. line:sub(cut)
          else
            lines[#lines + 1] = line:sub(1, cut - 1) .. "\r\n"
            line = line:sub(cut)
          end
        end
        lines[#lines + 1] = line .. ending
      end
      field.raw = table.concat(lines)
      field.changed = true
    end
  end
end

local function hex(byte)
  return ("=%02X"):format(byte:byte())
end

-- RFC 2045 section 6.7.
local function quoted_printable(text)
  local lines, start = {}, 1
  while start <= #text do
    local stop = text:find("\n", start, true)
    local last = (stop or #text + 1) - 1
    if stop and text:byte(last) == 13 then last = last - 1 end
    local line = text:sub(start, last):gsub("[^\t\32-\60\62-\126]", hex):gsub("[ \t]$", hex)
    local from = 1
    while #line - from + 1 > 76 do
      local to = from + 74
      if line:byte(to) == 61 then
        to = to - 1
      elseif line:byte(to - 1) == 61 then
        to = to - 2
      end
      lines[#lines + 1] = line:sub(from, to) .. "=\r\n"
      from = to + 1
    end
    lines[#lines + 1] = line:sub(from) .. (stop and "\r\n" or "")
    start = (stop or #text) + 1
  end
  return table.concat(lines)
end

local function base64(bytes)
  return tostring(rspamd_util.encode_base64(bytes, 76)):gsub("%s*$", "\r\n", 1)
end

-- The texts between a multipart's delimiters, and the delimiters: text, delimiter, text, ..., text.
local function sections_of(body, boundary)
  local sections, start, from = {}, 1, 1
  while true do
    local at, stop = body:find("--" .. boundary, from, true)
    if not at then break end
    local line_end = body:find("\n", stop + 1, true) or #body
    local rest = body:sub(stop + 1, line_end)
    if (at == 1 or body:byte(at - 1) == 10) and rest:find("^%-?%-?%s*$") then
      -- The line break before a delimiter is a part of it (RFC 2046 section 5.1.1).
      local before = at - 1
      if before >= start and body:byte(before) == 10 then before = before - 1 end
      if before >= start and before < at - 1 and body:byte(before) == 13 then before = before - 1 end
      sections[#sections + 1] = body:sub(start, before)
      sections[#sections + 1] = body:sub(before + 1, line_end)
      start = line_end + 1
      if rest:find("^%-%-") then break end
    end
    from = stop + 1
  end
  sections[#sections + 1] = body:sub(start)
  return sections
end

local function boundary_of(content_type)
  local parameter = content_type:gsub("[bB][oO][uU][nN][dD][aA][rR][yY]%s*=%s*", "boundary=")
  local quoted = parameter:match(';%s*boundary="([^"]*)"')
  return quoted and quoted:gsub("\\(.)", "%1") or parameter:match(";%s*boundary=([^%s;\"]+)")
end

local convert

-- A part, or a message inside a message: a header, an empty line, a body.
local function convert_entity(text, depth, is_message)
  if is_plain(text) then return text end
  local head, gap, body = "", "", text
  local first = text:match("^\r?\n")
  if first then
    gap, body = first, text:sub(#first + 1)
  else
    local stop, last = text:find("\n\r?\n")
    if not stop then return text end
    head, gap, body = text:sub(1, stop), text:sub(stop + 1, last), text:sub(last + 1)
  end
  local fields = fields_of(head)
  fold(fields)
  body = convert(fields, body, depth, is_message)
  return head_of(fields) .. gap .. body
end

-- What a composite says of its content (RFC 2045 section 6.4).
local function relabel(fields, body)
  local encoding = get(fields, "content-transfer-encoding")
  if encoding and is_plain(body) and encoding:lower() ~= "7bit" then
    set(fields, "Content-Transfer-Encoding", "7bit")
  end
  return body
end

local function convert_multipart(fields, body, content_type, depth)
  local boundary = boundary_of(content_type)
  local sections = boundary and sections_of(body, boundary) or {}
  if #sections < 3 then return body end
  for n, section in ipairs(sections) do
    if n % 2 == 1 and not is_plain(section) then
      local is_part = n > 1 and n < #sections
      local is_open = n > 1 and n == #sections and not sections[n - 1]:find("%-%-%s*$", -4)
      -- What precedes the first part and follows the last is shown to nobody.
      sections[n] = (is_part or is_open) and convert_entity(section, depth + 1, false) or ""
    end
  end
  return relabel(fields, table.concat(sections))
end

-- Gives the body, and changes the fields that describe it.
convert = function(fields, body, depth, is_message)
  if depth > 20 or is_plain(body) then return body end
  local content_type = get(fields, "content-type") or ""
  local kind, subtype = content_type:lower():match("^([^%s/;]+)%s*/%s*([^%s;]+)")
  if kind == "multipart" then
    -- Its author has signed the first part byte for byte (RFC 1847 section 2.1).
    if subtype == "signed" then return body end
    return convert_multipart(fields, body, content_type, depth)
  end
  if kind == "message" then
    -- A message may not be encoded, what it consists of may (RFC 2046 section 5.2.1).
    if subtype ~= "rfc822" and subtype ~= "news" then return body end
    return relabel(fields, convert_entity(body, depth + 1, true))
  end

  local encoding = (get(fields, "content-transfer-encoding") or "7bit"):lower():match("^[^%s;(]*")
  local content = body
  if encoding == "base64" then
    content = tostring(rspamd_util.decode_base64((body:gsub("[^%w+/=]", ""))))
  elseif encoding == "quoted-printable" then
    content = tostring(rspamd_util.decode_qp(body) or "")
  elseif encoding ~= "7bit" and encoding ~= "8bit" and encoding ~= "binary" then
    return body
  end
  if is_message and not get(fields, "mime-version") then set(fields, "MIME-Version", "1.0") end
  if content_type == "" and content:find("[\128-\255]") then
    -- RFC 1428 has the name for what nobody can name.
    local charset = rspamd_util.is_valid_utf8(content) and "utf-8" or "unknown-8bit"
    set(fields, "Content-Type", "text/plain; charset=" .. charset)
  end
  if encoding ~= "base64" and (kind == nil or kind == "text") and #content <= long_text then
    set(fields, "Content-Transfer-Encoding", "quoted-printable")
    return quoted_printable(content)
  end
  set(fields, "Content-Transfer-Encoding", "base64")
  return base64(content)
end

return {
  fields_of = fields_of,
  head_of = head_of,
  get = get,
  set = set,
  fold = fold,
  convert = convert,
}

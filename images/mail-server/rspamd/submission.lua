-- What a submission server completes (RFC 6409 section 8), before anything is signed: what is signed must be what is
-- sent, to every server on the way (RFC 6376 section 5.3). Postfix changes nothing afterwards. Mail of strangers and
-- what users' rules redirect passes unchanged, and so do the signatures on it.
local seven_bit = dofile("/usr/lib/maildomain/rspamd/seven_bit.lua")
local fields_of = seven_bit.fields_of
local head_of = seven_bit.head_of
local get = seven_bit.get
local set = seven_bit.set
local fold = seven_bit.fold
local convert = seven_bit.convert
local rspamd_util = require "rspamd_util"

-- A larger message stays as its program has made it: the work takes several times its size in memory. Programs write dates and
-- message ids by themselves, and nearly every server takes 8-bit text (RFC 6152).
local most_completed = 8 * 1024 * 1024

-- RFC 5322 section 3.3, and the zone's names and missing seconds of section 4.3.
local function is_date(value)
  local text = value:gsub("%b()", "")
  return text:find("^%s*%a*,?%s*%d%d?%s+%a%a%a%a*%s+%d%d%d*%s+%d%d?%s*:%s*%d%d[%s:%d]*%s*[-+%a]+%d*%s*$") ~= nil
end

local function is_message_id(value)
  return value:find("<[^<>%s]+@[^<>%s]+>") ~= nil
end

local function now()
  return os.date("!%a, %d %b %Y %H:%M:%S +0000")
end

local function complete(fields, domain)
  if not is_date(get(fields, "date") or "") then set(fields, "Date", now()) end
  if not is_message_id(get(fields, "message-id") or "") then
    set(fields, "Message-ID", ("<%s@%s>"):format(rspamd_util.random_hex(32), domain))
  end
end

-- The milter replaces a body, but changes a header field by field. The fields of a name keep their order.
local function reply_of(before, fields)
  local values, changed = {}, {}
  for _, field in ipairs(fields) do
    if field.changed then changed[field.key] = field.name end
  end
  for _, field in ipairs(fields) do
    if changed[field.key] then
      local list = values[changed[field.key]] or {}
      local value = field.raw:gsub("^[^:]*:[ \t]?", ""):gsub("\r?\n$", ""):gsub("\r\n", "\n")
      list[#list + 1] = { value = value, order = -1 }
      values[changed[field.key]] = list
    end
  end
  local removed = {}
  for _, field in ipairs(before) do
    if changed[field.key] then removed[field.name] = 0 end
  end
  return { remove_headers = removed, add_headers = values }, next(changed) ~= nil
end

-- Rspamd counts the empty line between the two as a part of the body.
local function body_of(task)
  local body = task:get_rawbody()
  local gap = tostring(body:sub(1, 2)):match("^\r?\n") or ""
  return body:sub(#gap + 1)
end

-- None if nothing has to change.
local function converted_body(fields, body)
  local text = tostring(body)
  local converted = convert(fields, text, 1, true)
  return converted ~= text and converted or nil
end

rspamd_config:register_symbol{
  name = "COMPLETED", type = "prefilter", priority = 1,
  callback = function(task)
    local from = task:get_from("mime") or {}
    if not task:get_user() or #from ~= 1 or task:has_pre_result() or task:get_size() > most_completed then return end
    local head = tostring(task:get_raw_headers())
    local body = body_of(task)
    local before, fields = fields_of(head), fields_of(head)
    fold(fields)
    complete(fields, (from[1].domain or ""):lower())
    local converted = converted_body(fields, body)
    local reply, changed = reply_of(before, fields)
    if not changed and not converted then return end
    task:set_message({ head_of(fields), "\r\n", converted or body })
    task:set_milter_reply(reply)
    -- Postfix has the body.
    if not converted then task:set_flag("message_rewrite", false) end
  end,
}

-- To read a text, Rspamd takes many times its size in memory, so that a log in the body of a message would be refused as
-- too costly. What a message has beyond the limit is not read: the rules about texts pass over it, and all others apply,
-- those about signatures and addresses among them.
--
-- Rspamd has no setting for that. It asks Lua what each part is before it reads one, and does not read a part whose type
-- says `no_text`.
local magic = require "lua_magic"
local most = 1024 * 1024

-- Whether that much more of a message may be read. A part that is too long leaves its share to others.
local function may_read(task, share, length)
  local read = (task:cache_get(share) or 0) + length
  if read > most then
    task:cache_set("text_not_read", (task:cache_get("text_not_read") or 0) + length)
    return false
  end
  task:cache_set(share, read)
  return true
end

local function is_text(part, found)
  if part:is_multipart() or part:is_message() then return false end
  return (part:get_type() or ""):lower() == "text" or (found and found.type == "text")
end

local detect = magic.detect_mime_part
magic.detect_mime_part = function(part, task)
  local extension, found = detect(part, task)
  if not is_text(part, found) or may_read(task, "text_read", part:get_length()) then return extension, found end
  local unread = { no_text = true }
  for name, value in pairs(found or {}) do unread[name] = value end
  return extension, unread
end

-- Calendars and contacts are read here, and nowhere else.
for _, name in ipairs({ "ical", "vcard" }) do
  local format = require("lua_content/" .. name)
  local process = format.process
  format.process = function(input, part, task)
    if may_read(task, "entries_read", #input) then return process(input, part, task) end
  end
end

rspamd_config:register_symbol{
  name = "TEXT_NOT_READ", type = "postfilter", flags = "empty,ignore_passthrough",
  description = "Text that is too long to be read by the rules about texts",
  callback = function(task)
    local length = task:cache_get("text_not_read")
    if not length then return end
    task:insert_result("TEXT_NOT_READ", 0.0, tostring(length))
    if not task:get_user() then
      task:set_milter_reply({ add_headers = { ["X-Spam-Not-Read"] = ("%d bytes of text"):format(length) } })
    end
  end,
}

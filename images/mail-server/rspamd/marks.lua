-- What another server says of a message does not count here: all that looks like one is removed, or else somebody else
-- would decide what lands in Junk, and a user's own mail would carry it away.
--
-- Rspamd's own switch for the test texts of GTUBE that do not refuse lets such a message past every other filter, that
-- of From addresses and that of DMARC among them. It is off; the text that marks counts by its points.
local marking_text = "YJS*C4JDBQADN1.NSBN3*2IDNEN*" .. "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

rspamd_config:register_symbol{
  name = "FOREIGN_MARKS", type = "idempotent", flags = "empty,ignore_passthrough",
  callback = function(task)
    local marks = {}
    for line in ("\n" .. tostring(task:get_raw_headers() or "")):gmatch("\n([^%s:]+)[ \t]*:") do
      local name = line:lower()
      if name:find("^x%-spam") or name:find("^x%-rspamd") then marks[line] = 0 end
    end
    if next(marks) then task:set_milter_reply({ remove_headers = marks }) end
  end,
}

local function has_marking_text(task)
  for _, part in ipairs(task:get_text_parts() or {}) do
    if tostring(part:get_content() or ""):find(marking_text, 1, true) then return true end
  end
  return false
end

rspamd_config:register_symbol{
  name = "GTUBE_MARK", type = "prefilter", priority = 4, score = 6.0, flags = "empty",
  callback = function(task)
    if not has_marking_text(task) then return end
    if task:get_user() then
      task:set_pre_result("reject", "your message looks like spam: the test text GTUBE", "gtube")
    else
      task:insert_result("GTUBE_MARK", 1.0)
    end
  end,
}

-- Rspamd's own filter for mixed scripts takes an accent in a word of two letters for a second script, and an emoji for
-- a third: in short mail every language but English is nearly Junk by it. A word that changes its script and back is
-- what hides words from filters; a name of the other script, or its ending in one's own, is not.
local enough_words = 3

local function script_of(lead)
  if lead < 128 then return "latin" end
  -- Lead bytes of UTF-8: Greek letters are U+0370 to U+03FF, Cyrillic ones U+0400 to U+04FF.
  if lead >= 205 and lead <= 207 then return "greek" end
  if lead >= 208 and lead <= 211 then return "cyrillic" end
end

local function turns_in(word)
  local turns, before = 0, nil
  for letter in word:gmatch("[%z\1-\127\194-\244][\128-\191]*") do
    local script = script_of(letter:byte())
    if script and before and script ~= before then turns = turns + 1 end
    before = script or before
  end
  return turns
end

rspamd_config:register_symbol{
  name = "MIXED_SCRIPT_WORDS", type = "normal", score = 5.0, group = "headers",
  description = "Words that change between Latin and Cyrillic or Greek letters and back",
  callback = function(task)
    local texts = { task:get_subject() or "" }
    for _, part in ipairs(task:get_text_parts() or {}) do texts[#texts + 1] = tostring(part:get_content() or "") end
    local text = table.concat(texts, "\n")
    -- Without a letter that is not Latin no word can turn, and to go through all of its letters takes 0.4 ms for 4 kB.
    if not text:find("[\205-\211]") then return false end
    local found = 0
    for word in text:gmatch("[%a\128-\255]+") do
      if turns_in(word) >= 2 then
        found = found + 1
        if found == enough_words then return true end
      end
    end
    return false
  end,
}

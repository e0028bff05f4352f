-- Judges what users send by what it says, since it has nothing else to be judged by.
local rspamd_regexp = require "rspamd_regexp"
local rspamd_util = require "rspamd_util"

-- So many points are refused from a user's own hand.
local refused_from = 6

local known = dofile("/usr/lib/maildomain/rspamd/topics.lua")
local topics, disguised_words = known.topics, known.disguised_words

for _, topic in ipairs(topics) do
  topic.idea_named = {}
  for _, idea in ipairs(topic.ideas) do
    idea.re = rspamd_regexp.create_cached(idea[2])
    topic.idea_named[idea[1]] = idea
  end
end

-- Nobody may keep the one process busy by the length of a message.
local longest_text = 20000
local longest_html = 200000
local programs = {}
for name in ("exe scr pif com bat cmd cpl hta vbs vbe js jse wsf wsh ps1 msi jar lnk iso img vhd apk dll reg chm one xll"):gmatch("%S+") do
  programs[name] = true
end
local documents = {}
for name in ("pdf doc docx xls xlsx ppt pptx txt rtf jpg jpeg png gif zip csv odt html mp3 mp4"):gmatch("%S+") do
  documents[name] = true
end
local shorteners = {}
for name in ("bit.ly tinyurl.com t.co goo.gl ow.ly is.gd cutt.ly rebrand.ly shorturl.at rb.gy encurtador.com.br t.ly tiny.cc"):gmatch("%S+") do
  shorteners[name] = true
end
local lure = rspamd_regexp.create_cached(
  "/(?<![a-z])(?:invoice|receipt|payment|overdue|purchase order|remittance|statement|quotation|voicemail|fatura|boleto|nota fiscal|comprovante|pagamento|cobranca|orcamento|intimacao|processo judicial|enable (?:content|macros)|habilit\\w+ (?:conteudo|macros))/")

-- A message within the message is another's: who reports spam must be able to show it.
local function is_within(mime_part)
  local parent = mime_part and mime_part:get_parent()
  while parent do
    if parent:is_message() then return true end
    parent = parent:get_parent()
  end
  return false
end

local forward_marks = { "\n[%-_]+ ?Forwarded message", "\n[%-_]+ ?Original Message", "\nBegin forwarded message",
  "\n[%-_]+ ?Mensagem [eo]", "\n[%-_]+ ?Mensagem reenc", "\nInício da mensagem" }

-- Lua's patterns take long, and most mail has nothing that they could find. These find all that they would, and more.
local forward_mark = rspamd_regexp.create_cached("/\n(?:[-_]+ ?(?:Forwarded|Original|Mensagem)|Begin forwarded message|Início da mensagem)/r")
local mixed_word = rspamd_regexp.create_cached("/[a-z][0-9@$!|]|[0-9@$!|][a-z]/")
local spaced_word = rspamd_regexp.create_cached("/(?<![a-z0-9])[a-z0-9][ ._*-][a-z0-9][ ._*-][a-z0-9]/")

local reply = rspamd_regexp.create_cached("/^ *(?:re|fwd?|enc|res|aw|wg|tr|rv|sv|rif) *(?:\\[\\d+\\])?:/")

local function without_quotes(text)
  text = ("\n" .. text):gsub("\r\n?", "\n")
  local whole = #text
  if forward_mark:match(text) then
    for _, mark in ipairs(forward_marks) do
      local start = text:find(mark)
      if start then text = text:sub(1, start) end
    end
  end
  text = text:gsub("\n[ \t]*>[^\n]*", "\n")
  return text, #text < whole
end

-- Lower-case ASCII: without accents, and in Latin letters.
local function plain(text)
  text = text:gsub("€", " eur "):gsub("£", " gbp "):gsub("\194\160", " ")
  text = text:gsub("[\128-\255]+", function(run) return tostring(rspamd_util.transliterate(run)) end)
  return (text:lower():gsub("%s+", " "))
end

-- Digits and signs that are read as letters.
local looks = { ["0"] = "o", ["1"] = "i", ["3"] = "e", ["4"] = "a", ["5"] = "s", ["7"] = "t", ["@"] = "a", ["$"] = "s", ["!"] = "i", ["|"] = "l" }

-- The words that are written so as not to be found; `original` still has its script, `text` is ASCII.
local function disguises(original, text)
  local found = {}
  local function try(word, as_read)
    if disguised_words[as_read] and word ~= as_read then found[as_read] = true end
  end
  if mixed_word:match(text) then
    for word in text:gmatch("[%w@$!|]+") do
      if word:find("[%d@$!|]") and word:find("%a") then
        local body = word:gsub("[!|]+$", "")
        try(body, (body:gsub(".", looks)))
        try(body, (body:gsub("1", "l"):gsub(".", looks)))
      end
    end
  end
  -- v.i.a.g.r.a, v i a g r a
  for _, separator in ipairs(spaced_word:match(text) and { "[%.%-_%*]", " " } or {}) do
    for run in (" " .. text .. " "):gmatch("%f[%w]%w" .. separator .. "%w" .. separator .. "%w[%w" .. separator:gsub("[%[%]]", "") .. "]*") do
      local word = {}
      for letter in (run .. " "):gmatch("(%w)%f[%W]") do word[#word + 1] = letter end
      local joined = table.concat(word)
      for known in pairs(disguised_words) do
        if joined:find(known, 1, true) and not run:find(known, 1, true) then found[known] = true end
      end
    end
  end
  -- Letters of two scripts in one word that reads as one.
  if original:find("[\206-\211]") then
    for word in original:gmatch("[%w\128-\255]+") do
      if word:find("%a") and word:find("[\206-\211]") then
        local as_read = plain(word)
        if disguised_words[as_read] then found[as_read] = true end
      end
    end
  end
  local count = 0
  for _ in pairs(found) do count = count + 1 end
  return count
end

local function domain_of(url)
  return (url:get_tld() or url:get_host() or ""):lower()
end

local function words_in(text)
  local _, count = text:gsub("%S+", "")
  return count
end

local function read(task)
  local message = { visible = {}, hidden = "", html = "", images = 0, text_attachments = {} }
  for _, part in ipairs(task:get_text_parts() or {}) do
    local mime_part = part:get_mimepart()
    if not is_within(mime_part) then
      if mime_part and mime_part:get_filename() then
        if part:is_html() then message.text_attachments[#message.text_attachments + 1] = tostring(part:get_content("raw_parsed") or ""):sub(1, longest_html) end
      else
        local text, has_quotes = without_quotes(tostring(part:get_content() or ""))
        message.visible[#message.visible + 1] = text
        message.has_quotes = message.has_quotes or has_quotes
        if part:is_html() then
          message.html = (message.html .. tostring(part:get_content("raw_parsed") or "")):sub(1, longest_html)
          local html = part:get_html()
          message.hidden = message.hidden .. " " .. tostring(html and html:get_invisible() or "")
        end
      end
    end
  end
  message.subject = task:get_subject() or ""
  -- An answer has the subject of what it answers.
  if message.has_quotes and reply:match(message.subject:lower()) then message.subject = "" end
  message.original = (message.subject .. "\n" .. table.concat(message.visible, "\n")):sub(1, longest_text)
  message.text = plain(message.original)
  message.body_words = 0
  for _, text in ipairs(message.visible) do message.body_words = math.max(message.body_words, words_in(text)) end
  return message
end

-- What the style of an element makes invisible and HTML's own rules do not.
local function tiny_text(html)
  local found = ""
  local dark = html:lower():find("background") or html:lower():find("bgcolor")
  for tag, text in html:gmatch("<(%a[^<>]*)>([^<]*)") do
    local style = (tag:match("[sS][tT][yY][lL][eE]%s*=%s*\"([^\"]*)") or tag:match("[sS][tT][yY][lL][eE]%s*=%s*'([^']*)") or "")
    style = style:lower():gsub("%s", "") .. ";"
    if style:find("font%-size:[01]p[xt]") or style:find("font%-size:0;") or style:find("opacity:0;")
      or (not dark and (style:find("^color:#fff") or style:find(";color:#fff") or style:find("^color:white") or style:find(";color:white"))) then
      found = found .. " " .. text
    end
  end
  return found
end

local function links(task, own, text)
  local found = { foreign = false, mismatch = false, address = false, short = false }
  for _, url in ipairs(task:get_urls({ "http", "https" }, true) or {}) do
    local domain = domain_of(url)
    local host = (url:get_host() or ""):lower()
    if domain ~= "" and not own[domain] and not (url:get_flags() or {}).image then
      found.foreign = true
      if host:find("^%d+%.%d+%.%d+%.%d+$") then found.address = true end
      if shorteners[domain] or shorteners[host] then found.short = true end
      if url:is_phished() then
        local shown = url:get_phished()
        if shown and domain_of(shown) ~= "" and domain_of(shown) ~= domain then found.mismatch = true end
      end
      if url:get_user() or host:find("xn%-%-") then found.disguised = true end
    end
  end
  for host in text:gmatch("https?://([%w%.%-]+)") do
    if not own[host] and not own[rspamd_util.get_tld(host)] then found.foreign = true end
  end
  return found
end

local function own_domains(task)
  local own = {}
  for _, address in ipairs(task:get_from("mime") or {}) do
    local domain = (address.domain or ""):lower()
    own[domain] = true
    own[rspamd_util.get_tld(domain)] = true
  end
  return own
end

local function program_attached(task, text)
  for _, part in ipairs(task:get_parts() or {}) do
    if not is_within(part) then
      local names = { part:get_filename() }
      local archive = part:is_archive() and part:get_archive()
      if archive then for _, name in ipairs(archive:get_files() or {}) do names[#names + 1] = name end end
      for _, name in ipairs(names) do
        name = name:lower()
        local inner, last = name:match("([^%./\\]+)[%s_]*%.([^%.]+)$")
        if last and programs[last] then
          local before = name:match("%.(%w+)[%s_]*%.%w+$")
          if (before and documents[before]) or lure:match(text) or lure:match((inner or ""):gsub("[_%-]", " ")) then return name end
        end
      end
    end
  end
end

local function has_all_needed(topic, text)
  for _, needed in ipairs(topic.needs) do
    local met = false
    for _, name in ipairs(needed) do met = met or topic.idea_named[name].re:match(text) end
    if not met then return false end
  end
  return true
end

local function signals(task)
  local message = read(task)
  local own = own_domains(task)
  local link = links(task, own, message.text)
  local points, reasons = 0, {}
  local function count(more, what)
    points = points + more
    if what then reasons[#reasons + 1] = { more, what } end
  end

  for _, topic in ipairs(topics) do
    -- Most topics end at the first idea that they need, which saves the search for the others.
    if (link.foreign or #message.text_attachments > 0 or not topic.foreign_link) and has_all_needed(topic, message.text) then
      local number = 0
      for _, idea in ipairs(topic.ideas) do
        if idea.re:match(message.text) then number = number + 1 end
      end
      if number >= topic.least then
        count(refused_from, topic.what)
      elseif number == topic.least - 1 then
        count(3, topic.what)
      end
    end
  end

  local program = program_attached(task, message.text)
  if program then count(refused_from, "a program that pretends to be a document (" .. program:gsub("[^%w%. _%-]", "?"):sub(-40) .. ")") end
  local asks_password = "<[iI][nN][pP][uU][tT][^<>]*[pP][aA][sS][sS][wW][oO][rR][dD]"
  if message.html:find(asks_password) then count(refused_from, "a form for passwords") end
  for _, attached in ipairs(message.text_attachments) do
    if attached:find(asks_password) then count(refused_from, "a form for passwords") end
  end
  local disguised = disguises(message.original, message.text)
  if disguised >= 2 then count(refused_from, "disguised words")
  elseif disguised == 1 then count(4, "disguised words") end
  if link.mismatch then count(3, "a link that leads elsewhere than it says") end
  if link.address or link.disguised then count(2, "a link that hides where it leads") end
  if link.short then count(1, "a shortened link") end
  -- Newsletters begin with a hidden line for the list of messages, and hide a second version for small screens.
  local hidden = math.max(words_in(message.hidden), words_in(tiny_text(message.html)))
  if hidden >= 40 and hidden > 2 * message.body_words then count(3, "hidden text")
  elseif hidden >= 15 and hidden > message.body_words / 2 then count(2, "hidden text") end
  local linked_image = message.html:lower():find("<a [^<>]*href[^<>]*>%s*<img")
  if message.html ~= "" and message.body_words <= 3 and linked_image and link.foreign then
    count(4, "nothing but a picture that leads elsewhere")
    if hidden >= 15 or link.short or link.address or message.html:lower():find("<img[^<>]*src%s*=%s*[\"']?http") then count(2) end
  end
  local subject = message.subject
  if subject:find("[!$]%p*[!$]") or subject:find("%d%d ?%%") then count(2, "a subject that shouts") end

  table.sort(reasons, function(a, b) return a[1] > b[1] end)
  return points, reasons
end

rspamd_config:register_symbol{
  name = "OUTGOING_SPAM", type = "prefilter", priority = 3, score = 0.0,
  callback = function(task)
    if not task:get_user() then return end
    local points, reasons = signals(task)
    if points < refused_from then return end
    local texts = {}
    for n = 1, math.min(2, #reasons) do texts[n] = reasons[n][2] end
    task:set_pre_result("reject", "your message looks like spam: " .. table.concat(texts, ", "), "outgoing_spam")
  end,
}

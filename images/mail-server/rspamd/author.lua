-- Judges the author of what strangers bring. DMARC protects one domain in one From field: Rspamd's module passes over
-- whatever has no such author, knows neither the walk up the tree nor `np=` (RFC 9989 sections 4.10 and 4.7), and lets
-- through what it cannot look up. This decides those cases; where the module finds a pass or refuses, that holds.
local address_field = dofile("/usr/lib/maildomain/rspamd/address_field.lua")
local is_of_own_rule = address_field.is_of_own_rule
local read_own_domains = address_field.read_own_domains
local is_within = address_field.is_within
local is_ours = address_field.is_ours
local fields_named = address_field.fields_named
local longest = address_field.longest
local one_mailbox = address_field.one_mailbox
local own_addresses_in = address_field.own_addresses_in
local dmarc = require "plugins/dmarc"
local policy_message = "The DMARC policy of the author's domain refuses this message"
local try_later = "the author's domain cannot be verified now; try again later"

-- A message without exactly one author has no author domain: it cannot pass DMARC, and which author people see depends
-- on their program (RFC 9989 sections 5.3.1 and 11.5).
rspamd_config:register_symbol{
  name = "AUTHOR_FORM", type = "prefilter", priority = 10,
  callback = function(task)
    if task:get_user() or is_of_own_rule(task) then return end
    local froms = fields_named(task, { from = true })
    local author, why
    if #froms == 1 then author, why = one_mailbox(froms[1].value)
    else why = #froms == 0 and "it is missing" or "it is there more than once" end
    if not author then
      task:set_pre_result("reject", "From must be one address of one author: " .. why, "author_form")
      return
    end
    -- What follows is about the address that was found here, not about what a lenient parser makes of the field.
    local parsed = task:get_from("mime") or {}
    if #parsed ~= 1 or (parsed[1].addr or ""):lower() ~= author.addr:lower() then
      task:set_from("mime", { user = author.user, domain = author.domain, addr = author.addr, name = "" }, "rewrite")
    end
    task:cache_set("author", author)
  end,
}

-- In Junk, not refused: the form is valid, and somebody may have called a contact so.
local function suspect(task, why)
  task:insert_result("AUTHOR_CLAIM", 1.0, why)
  task:set_pre_result("add header", why, "author_claim", nil, nil, "least")
end

rspamd_config:register_symbol{
  name = "AUTHOR_CLAIM", type = "normal", score = 0.0, flags = "empty",
  callback = function(task)
    local author = task:cache_get("author")
    local own = author and read_own_domains()
    if not own or is_ours(author.domain, own) then return end
    if author.is_unclear then return suspect(task, "the author's name has no known encoding") end
    for _, name in ipairs(author.names) do
      for _, shown in ipairs(own_addresses_in(name, task, own)) do
        if shown.is_whole then return suspect(task, "the author is shown as " .. shown.addr) end
      end
    end
    -- An address of ours quoted in the local part, as a relay by way of the domain would be written.
    local inner = author.user:match("^.+%%(.+)$") or author.user:match("^(.+)!.+$")
    if inner and is_ours(inner:lower(), own) then return suspect(task, "the author is shown as one of " .. inner) end
    for _, field in ipairs(fields_named(task, { sender = true })) do
      local shown = #field.value <= longest and own_addresses_in(field.value, task, own)[1]
      if shown then return suspect(task, "the sender is shown as " .. shown.addr) end
    end
  end,
}

local rank = { none = 0, quarantine = 1, reject = 2 }

-- The author's domain and those above it, of long names the last seven labels only (RFC 9989 section 4.10).
local function walk_of(domain)
  local labels, names = {}, { domain }
  for label in domain:gmatch("[^.]+") do labels[#labels + 1] = label end
  for count = #labels > 8 and 7 or #labels - 1, 1, -1 do
    names[#names + 1] = table.concat(labels, ".", #labels - count + 1)
  end
  return names
end

local function record_in(task, strings)
  local found
  for _, text in ipairs(strings) do
    local is_valid, record = dmarc.dmarc_check_record(task, text, false)
    if is_valid then
      -- Two policies are none (RFC 9989 section 4.7).
      if found then return nil end
      found = record.raw_elts
    end
  end
  return found
end

-- The policy that applies, and the organizational domain (RFC 9989 sections 4.10.1 and 4.10.2).
local function policy_of(names, records)
  local org
  for n, name in ipairs(names) do
    local psd = records[name] and records[name].psd
    if psd == "n" then org = name break end
    if psd == "y" and n > 1 then org = org or names[n - 1] break end
    if records[name] then org = name end
  end
  local own = records[names[1]]
  if own then return own, own.p or "none", org end
  -- Below a public suffix without a record of its own, it is the suffix that speaks.
  for n = 2, #names do
    local record = records[names[n]]
    if record and (names[n] == org or record.psd == "y") then
      return record, nil, org
    end
  end
end

-- Whether SPF or DKIM passes for the author, or failed to be looked up for it.
local function alignment(task, domain, org, record)
  local function is_aligned(name, mode)
    name = (name or ""):lower()
    if mode == "s" then return name == domain end
    return name == domain or (org ~= nil and is_within(name, org))
  end
  local sender = ((task:get_from("smtp") or {})[1] or {}).domain
  if not sender or sender == "" then sender = task:get_helo() end
  local passes, fails_to_answer = false, false
  if is_aligned(sender, record.aspf) then
    passes = task:has_symbol("R_SPF_ALLOW")
    fails_to_answer = task:has_symbol("R_SPF_DNSFAIL")
  end
  for _, trace in ipairs(((task:get_symbol("DKIM_TRACE") or {})[1] or {}).options or {}) do
    local name, result = trace:match("^(.*):(.)$")
    if is_aligned(name, record.adkim) then
      passes = passes or result == "+"
      fails_to_answer = fails_to_answer or result == "?"
    end
  end
  return passes, fails_to_answer
end

local function defer(task)
  task:set_pre_result("soft reject", try_later, "author_policy")
end

local function apply(task, policy, why)
  if policy == "reject" then task:set_pre_result("reject", policy_message, "author_policy")
  elseif policy == "quarantine" then suspect(task, why) end
end

local function judge(task, author, names, records, own)
  local domain = author.domain
  local record, policy, org = policy_of(names, records)
  local passes, fails_to_answer = alignment(task, domain, org or domain, record or {})
  if passes then return end
  if fails_to_answer then return defer(task) end
  if not record then
    -- The one domain about which nobody has to be asked.
    if is_ours(domain, own) then suspect(task, "nothing shows that this is from " .. domain) end
    return
  end
  if policy then return apply(task, policy, "the policy of " .. domain) end
  local below = record.sp or record.p or "none"
  local missing = record.np or below
  if (rank[missing] or 0) == (rank[below] or 0) then return apply(task, below, "the policy for " .. domain) end
  task:get_resolver():resolve_a({
    task = task, name = domain, forced = true,
    callback = function(_, _, _, err)
      if err == "no records with this name" then apply(task, missing, "the policy for " .. domain)
      elseif err and err ~= "requested record is not found" then defer(task)
      else apply(task, below, "the policy for " .. domain) end
    end,
  })
end

rspamd_config:register_symbol{
  name = "AUTHOR_POLICY", type = "normal", score = 0.0, flags = "empty",
  callback = function(task)
    local author = task:cache_get("author")
    if not author then return end
    local own, why = read_own_domains()
    if not own then
      task:set_pre_result("soft reject", "the own domains cannot be read: " .. why, "author_policy")
      return
    end
    task:cache_set("author_judged", true)
    if task:has_symbol("DMARC_POLICY_ALLOW") or task:has_symbol("DMARC_POLICY_REJECT") then return end
    if task:has_symbol("DMARC_DNSFAIL") then return defer(task) end
    local names, records, pending, is_unknown = walk_of(author.domain), {}, 0, false
    pending = #names
    for _, name in ipairs(names) do
      task:get_resolver():resolve_txt({
        task = task, name = "_dmarc." .. name, forced = true,
        callback = function(_, _, results, err)
          pending = pending - 1
          if err and err ~= "requested record is not found" and err ~= "no records with this name" then
            is_unknown = true
          elseif results then
            records[name] = record_in(task, results)
          end
          if pending > 0 then return end
          if is_unknown then defer(task) else judge(task, author, names, records, own) end
        end,
      })
    end
  end,
}
rspamd_config:register_dependency("AUTHOR_POLICY", "DMARC_CHECK")

-- Rspamd gives its verdict on whatever is known when its time is up.
rspamd_config:register_symbol{
  name = "AUTHOR_IN_TIME", type = "postfilter", priority = 10,
  callback = function(task)
    if task:cache_get("author") and not task:cache_get("author_judged") then defer(task) end
  end,
}

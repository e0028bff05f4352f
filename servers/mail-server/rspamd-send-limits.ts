import { compareText } from "../generation/configuration-file.ts";
import { SEND_LIMITS } from "../generation/container-paths.ts";
import type { HostedDomain } from "./description.ts";

/** Who may send to how many recipients per hour; users without a line may send to any number. */
export function renderSendLimits(domains: readonly HostedDomain[]): string {
  return domains
    .flatMap(({ mailboxes }) => mailboxes)
    .flatMap(({ address, recipientsPerHour }) => {
      if (recipientsPerHour === undefined) return [];
      if (!Number.isInteger(recipientsPerHour) || recipientsPerHour < 1) {
        throw new RangeError(
          `${recipientsPerHour} recipients per hour is not a valid limit for ${address}: use 1 or more`,
        );
      }
      return [`${address} ${recipientsPerHour}\n`];
    })
    .sort(compareText)
    .join("");
}

/**
 * Counts recipients by login over the last hour. Rspamd's own module needs Redis; one process does all the work
 * here, so its memory is enough. A restart forgives what was sent before it.
 */
export const SEND_LIMITS_LUA_TEXT = `local limits = "${SEND_LIMITS}"
local rspamd_util = require "rspamd_util"
local hour = 3600
local sent = {}

local function limit_of(login)
  local file = io.open(limits)
  if not file then return nil end
  local text = "\\n" .. file:read("*a")
  file:close()
  local _, stop = text:find("\\n" .. login .. " ", 1, true)
  return stop and tonumber(text:match("^%d+", stop + 1))
end

rspamd_config:register_symbol{
  name = "SEND_LIMIT", type = "prefilter", priority = 5,
  callback = function(task)
    local login = (task:get_user() or ""):lower()
    local limit = login ~= "" and limit_of(login)
    if not limit then return end
    local now, kept, total = rspamd_util.get_time(), {}, 0
    for _, entry in ipairs(sent[login] or {}) do
      if entry.at > now - hour then
        kept[#kept + 1] = entry
        total = total + entry.count
      end
    end
    local count = #(task:get_recipients("smtp") or {})
    if count > limit then
      task:set_pre_result("reject", "this account may send to " .. limit .. " recipients per hour", "send_limit")
    elseif total + count > limit then
      task:set_pre_result("soft reject",
        "this account may send to " .. limit .. " recipients per hour; try again later", "send_limit")
    else
      kept[#kept + 1] = { at = now, count = count }
    end
    sent[login] = kept
  end,
}
`;

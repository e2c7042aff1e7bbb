-- Health of a Conversation, a TwilioAccount or a ClusterTwilioAccount, as its condition Ready says.
local health = { status = "Progressing", message = "The operator has not looked at it yet." }
if obj.metadata.deletionTimestamp ~= nil then
  health.message = "It is being deleted."
end
local status = obj.status or {}
local current = status.observedGeneration == obj.metadata.generation
local ready = nil
local stalled = false
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    ready = condition
  elseif condition.type == "Stalled" then
    stalled = condition.status == "True"
  end
end
if ready == nil or not current then
  return health
end
health.message = ready.reason .. ": " .. ready.message
if obj.metadata.deletionTimestamp ~= nil then
  return health
end
if ready.status == "True" then
  health.status = "Healthy"
elseif stalled then
  health.status = "Degraded"
end
return health

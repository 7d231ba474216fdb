-- Sends what an attacker sends, whatever the answers are. Arguments: the method, the file of paths, the file of bodies ("-": none), and
-- headers as "Name: value". Each request takes any path and any body. A * in a body or a header is a number that does not come again.
local paths = {}
local bodies = {}
local headers = {}
local count = 0
local started = os.time()
local method

local function read(file, lines)
  for line in io.lines(file) do
    lines[#lines + 1] = line
  end
end

local function filled(text)
  -- Most have none, and a large body is not to be copied for nothing.
  if not text:find("*", 1, true) then
    return text
  end
  return (text:gsub("%*", started .. "-" .. count))
end

function init(args)
  method = args[1]
  read(args[2], paths)
  if args[3] ~= "-" then
    read(args[3], bodies)
  end
  for i = 4, #args do
    local name, value = args[i]:match("^([^:]+): (.*)$")
    headers[name] = value
  end
end

function request()
  count = count + 1
  for name, value in pairs(headers) do
    wrk.headers[name] = filled(value)
  end
  local body = #bodies > 0 and filled(bodies[math.random(#bodies)]) or nil
  return wrk.format(method, paths[math.random(#paths)], nil, body)
end

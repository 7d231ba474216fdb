-- Writes other metadata to a random SIM each time. Arguments: the file of paths, the value of Authorization.
local paths = {}
local count = 0
local started = os.time()

function init(args)
  wrk.headers["Authorization"] = args[2]
  wrk.headers["Content-Type"] = "application/json"
  for path in io.lines(args[1]) do
    paths[#paths + 1] = path
  end
end

function request()
  -- No value comes twice: a PATCH that changes nothing would write nothing.
  count = count + 1
  return wrk.format("PATCH", paths[math.random(#paths)], nil, '{"metadata":{"reading":"' .. started .. "-" .. count .. '"}}')
end

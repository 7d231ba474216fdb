-- Asks for a random path of a file each time. Arguments: the file of paths, the value of Authorization.
local requests = {}

function init(args)
  wrk.headers["Authorization"] = args[2]
  -- Written once, so that the client costs the same for every path.
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  return requests[math.random(#requests)]
end

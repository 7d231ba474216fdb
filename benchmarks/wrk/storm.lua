-- Sends what an attacker sends, whatever the answers are. Arguments: the method, the file of paths, the value of Authorization, and a file
-- with a body, or "-" for none. An Authorization that ends with * has another number in its place each time.
local paths = {}
local count = 0
local method, authorization, body

function init(args)
  method = args[1]
  authorization = args[3]
  for path in io.lines(args[2]) do
    paths[#paths + 1] = path
  end
  if args[4] ~= "-" then
    body = io.open(args[4]):read("*a")
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
end

function request()
  count = count + 1
  wrk.headers["Authorization"] = authorization:gsub("%*$", tostring(count))
  return wrk.format(method, paths[math.random(#paths)], nil, body)
end

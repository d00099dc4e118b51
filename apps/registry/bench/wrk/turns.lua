-- Asks in turn what the lines of a file say, a path and an Authorization header with a tab between them.
dofile((debug.getinfo(1, 'S').source:gsub('^@', ''):gsub('turns%.lua$', 'report.lua')))

local requests = {}
local next = 0

function init(args)
  for line in io.lines(args[1]) do
    local path, authorization = line:match('^(.-)\t(.*)$')
    requests[#requests + 1] = wrk.format('GET', path, { Authorization = authorization, Host = wrk.host })
  end
  math.randomseed(os.time())
  next = math.random(#requests)
end

function request()
  next = next % #requests + 1
  return requests[next]
end

-- For wrk, `wrk … -s requests.lua URL -- FILE`: sends the requests of FILE by turns. Each ends with a NUL.

local requests, sent = {}, 0

function init(arguments)
   local file = assert(io.open(arguments[1], "rb"))
   for text in file:read("*a"):gmatch("([^%z]+)%z") do
      requests[#requests + 1] = text
   end
   file:close()
   assert(#requests > 0, "the file has no requests")
end

function request()
   sent = sent + 1
   return requests[(sent - 1) % #requests + 1]
end

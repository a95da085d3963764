-- wrk sends the signed webhooks of the file WEBHOOKS one after another and prints one line of JSON at the end.
local requests, at = {}, 0

function init()
  for line in io.lines(os.getenv("WEBHOOKS")) do
    local signature, body = line:match("^(%x+)\t(.*)$")
    local headers = { ["Content-Type"] = "application/json", ["X-Hub-Signature-256"] = "sha256=" .. signature }
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"not_2xx":%d,"socket_errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), e.status,
    e.connect + e.read + e.write + e.timeout))
end

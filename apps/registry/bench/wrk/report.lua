-- Asks with the method that is named, GET unless one is. The last line of wrk's output is for the program that started
-- it. Times are in microseconds.
function init(args)
  wrk.method = args[1] or wrk.method
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests":%.0f,"bytes":%.0f,"duration":%.0f,"failed":%.0f,"p50":%.0f,"p99":%.0f}\n',
    summary.requests, summary.bytes, summary.duration, failed, latency:percentile(50), latency:percentile(99)
  ))
end

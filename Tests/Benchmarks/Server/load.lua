-- Sends prepared requests one after the other: wrk -s load.lua URL -- REQUESTS OFFSETS FIRST COUNT THREADS [STATUS]
-- REQUESTS holds whole requests, OFFSETS where each begins (and the last ends) as 32-bit numbers. Each thread takes
-- every THREADS-th request from FIRST on, and begins anew after the last. With STATUS, other answers are counted.
local ffi = require("ffi")
ffi.cdef([[
    int open(const char *path, int flags);
    void *mmap(void *address, size_t length, int protection, int flags, int file, long offset);
    long lseek(int file, long offset, int whence);
]])

-- Mapped, because whatever init takes is time in which other threads are running already.
local function map(path)
    local file = ffi.C.open(path, 0)
    return ffi.C.mmap(nil, ffi.C.lseek(file, 0, 2), 1, 2, file, 0)
end

local threads = {}
function setup(thread)
    thread:set("number", #threads)
    threads[#threads + 1] = thread
end

local requests, offsets, position, count, stride
used, odd = 0, 0
function init(arguments)
    requests = ffi.cast("const char *", map(arguments[1]))
    offsets = ffi.cast("const uint32_t *", map(arguments[2]))
    count = tonumber(arguments[4])
    stride = tonumber(arguments[5])
    position = tonumber(arguments[3]) + number
    local expected = tonumber(arguments[6])
    if expected then
        -- A global of this name is what makes wrk parse every answer.
        response = function(status) if status ~= expected then odd = odd + 1 end end
    end
end

function request()
    local i = position % count
    position = position + stride
    used = used + 1
    return ffi.string(requests + offsets[i], offsets[i + 1] - offsets[i])
end

function done(summary, latency)
    local errors = summary.errors
    local most, others = 0, 0
    for _, thread in ipairs(threads) do
        most = math.max(most, thread:get("used"))
        others = others + thread:get("odd")
    end
    io.write(string.format("RESULT %d %d %.3f %.3f %d %d %d %d %d\n", summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, summary.bytes, most, others))
end

-- Sends prepared requests one after the other: wrk -s load.lua URL -- REQUESTS OFFSETS FIRST COUNT THREADS STATUS ONCE SETTLED
-- REQUESTS holds whole requests, OFFSETS where each begins (and the last ends) as 32-bit numbers. Each thread takes
-- every THREADS-th request from FIRST on, and begins anew after the last. With a STATUS other than 0, other answers are
-- counted. With ONCE other than 0, which takes one thread, wrk ends when so many requests are answered. It also says how
-- many requests each thread at least had sent after SETTLED microseconds.
local ffi = require("ffi")
ffi.cdef([[
    int open(const char *path, int flags);
    void *mmap(void *address, size_t length, int protection, int flags, int file, long offset);
    long lseek(int file, long offset, int whence);
    typedef struct { long seconds, nanoseconds; } moment;
    int clock_gettime(int clock, moment *now);
    int getpid(void);
    int kill(int process, int signal);
]])

-- Microseconds; the whole numbers of a double reach far enough.
local moment = ffi.new("moment")
local function now()
    ffi.C.clock_gettime(1, moment)
    return tonumber(moment.seconds) * 1e6 + tonumber(moment.nanoseconds) / 1e3
end

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
used, odd, answered, began, took, settling, settled = 0, 0, 0, 0, 0, 0, 0
function init(arguments)
    requests = ffi.cast("const char *", map(arguments[1]))
    offsets = ffi.cast("const uint32_t *", map(arguments[2]))
    count = tonumber(arguments[4])
    stride = tonumber(arguments[5])
    position = tonumber(arguments[3]) + number
    -- wrk takes one request of the first thread to look at it, and does not send it.
    if number == 0 then used, position = -1, position - stride end
    local expected, once = tonumber(arguments[6]), tonumber(arguments[7])
    -- Globals of these names are what makes wrk parse every answer, and ask before each request.
    if expected > 0 or once > 0 then
        response = function(status)
            if expected > 0 and status ~= expected then odd = odd + 1 end
            answered = answered + 1
            if answered == once then
                took = now() - began
                wrk.thread:stop()
                -- wrk itself sleeps until its time is over, or a signal wakes it.
                ffi.C.kill(ffi.C.getpid(), 2)
            end
        end
    end
    settling = tonumber(arguments[8])
    if once > 0 then
        delay = function() return used < once and 0 or 60000 end
    end
end

function request()
    if used == 0 then began = now() end
    if settled == 0 and used > 0 and now() - began > settling then settled = used end
    local i = position % count
    position = position + stride
    used = used + 1
    return ffi.string(requests + offsets[i], offsets[i + 1] - offsets[i])
end

function done(summary, latency)
    local errors = summary.errors
    local most, least, others, duration = 0, math.huge, 0, summary.duration
    for _, thread in ipairs(threads) do
        most = math.max(most, thread:get("used"))
        least = math.min(least, thread:get("took") > 0 and thread:get("used") or thread:get("settled"))
        others = others + thread:get("odd")
        if thread:get("took") > 0 then duration = thread:get("took") end
    end
    io.write(string.format("RESULT %d %d %.3f %.3f %d %d %d %d %d %d\n", summary.requests, duration,
        latency:percentile(50), latency:percentile(99), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, summary.bytes, most, others, least))
end

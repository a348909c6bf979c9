package redisdb

import "github.com/redis/go-redis/v9"

// scripts are what one Redis command cannot do. Each runs alone in the server
// and touches one key; write touches several.
type scripts struct{ replace, write, increment, epoch *redis.Script }

// newScripts compiles nothing; it computes the hashes that name the scripts.
// The first 16 bytes of a value are its version in hexadecimal.
func newScripts() scripts {
	return scripts{
		// KEYS: ticket; ARGV: version expected, new value, milliseconds to live.
		replace: redis.NewScript(`
local version = redis.call('GETRANGE', KEYS[1], 0, 15)
if version == '' then return 'absent' end
if version ~= ARGV[1] then return 'other' end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 'replaced'`),

		// KEYS: for each change the ticket and its counter; ARGV: for each the
		// verb, the version expected, the new value, milliseconds to live. All
		// conditions come before the first change, after which nothing fails: a
		// server whose memory is full says so at the first.
		write: redis.NewScript(`
for i = 1, #KEYS / 2 do
  local verb, key = ARGV[4*i-3], KEYS[2*i-1]
  if verb == 'take' and redis.call('EXISTS', key) == 0 then return {'absent', i} end
  if verb == 'create' and redis.call('EXISTS', key) == 1 then return {'exists', i} end
  if verb == 'replace' then
    local version = redis.call('GETRANGE', key, 0, 15)
    if version == '' then return {'absent', i} end
    if version ~= ARGV[4*i-2] then return {'other', i} end
  end
end
for i = 1, #KEYS / 2 do
  if ARGV[4*i-3] == 'delete' then
    redis.call('DEL', KEYS[2*i-1], KEYS[2*i])
  elseif ARGV[4*i-3] == 'take' then
    redis.call('DEL', KEYS[2*i-1])
  else
    redis.call('SET', KEYS[2*i-1], ARGV[4*i-1], 'PX', ARGV[4*i])
  end
end
return {'written', 0}`),

		// KEYS: counter; ARGV: milliseconds to live.
		increment: redis.NewScript(`
local sum = redis.call('INCR', KEYS[1])
if sum == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return sum`),

		// KEYS: mark; ARGV: our clock in milliseconds. The later of both clocks
		// counts, and one more millisecond: an epoch too late refuses a little
		// more, one too early would let in what was forgotten.
		epoch: redis.NewScript(`
local at = redis.call('GET', KEYS[1])
if at then return at end
local t = redis.call('TIME')
local ms = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1])) + 1
at = string.format('%.0f', ms)
redis.call('SET', KEYS[1], at)
return at`),
	}
}

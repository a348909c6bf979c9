package app

import (
	"runtime"
	"testing"
	"time"
)

func TestOurPartOfAMemoryLimitLeavesSomeForOthers(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]int64{
		"268435456\n": 268435456 / 100 * 80, "max\n": 0, "": 0, "-1": 0, "0": 0, "9999999999999999999999": 0, "256Mi": 0,
	} {
		if got := roomWithin(said); got != want {
			t.Errorf("%q: %d, want %d", said, got, want)
		}
	}
}

// Under systemd the limit is the unit's, below the root of all control groups.
func TestTheControlGroupIsTheProcesssOwn(t *testing.T) {
	t.Parallel()
	for listed, want := range map[string]string{
		"0::/system.slice/ecluse.service\n":                       "/system.slice/ecluse.service",
		"4:memory:/elsewhere\n1:cpu:/\n0::/kubepods.slice/pod7\n": "/kubepods.slice/pod7",
		"0::/\n":                "/",
		"4:memory:/version/1\n": "/",
		"":                      "/",
	} {
		if got := groupOf(listed); got != want {
			t.Errorf("%q: %q, want %q", listed, got, want)
		}
	}
}

// TestThereIsRoomWhereNobodySetALimit: this process has none.
func TestThereIsRoomWhereNobodySetALimit(t *testing.T) {
	t.Parallel()
	if new(room).Full() {
		used, limit := memory()
		t.Errorf("no room with %d of %d bytes", used, limit)
	}
}

// TestMemoryIsWhatIsStillNeeded: garbage is nothing that keeps anybody out, what is held is.
func TestMemoryIsWhatIsStillNeeded(t *testing.T) { // alone: it counts what the whole process has
	const ballast = 64 << 20
	runtime.GC()
	before, _ := memory()
	held := make([]byte, ballast)
	runtime.GC()
	if with, _ := memory(); with < before+ballast/2 {
		t.Errorf("%d bytes before, %d with %d more", before, with, ballast)
	}
	runtime.KeepAlive(held)
	deadline := time.Now().Add(time.Minute)
	for {
		runtime.GC()
		after, _ := memory()
		if after < before+ballast/2 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes before, %d once they are garbage", before, after)
		}
	}
}

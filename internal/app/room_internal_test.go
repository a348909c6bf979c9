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
	deadline := time.Now().Add(10 * time.Second)
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

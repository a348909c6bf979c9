package app

import "runtime/debug"

// version is the release; a build may set it with -ldflags "-X ecluse/internal/app.version=…".
var version = "0.5.0" //nolint:gochecknoglobals // the linker sets it; nothing writes it at run time

// Version names the release and, where the build knows it, the commit.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return version + "+" + s.Value[:12]
		}
	}
	return version
}

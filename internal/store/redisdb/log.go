package redisdb

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// LogTo sends what go-redis has to say to a log instead of standard error. go-redis has one such place for the whole
// process, so it is said once, at the start, by whoever assembles the program.
func LogTo(log *slog.Logger) { redis.SetLogger(logger{log}) }

type logger struct{ to *slog.Logger }

// Printf implements go-redis' logger.
func (l logger) Printf(ctx context.Context, format string, v ...any) {
	l.to.WarnContext(ctx, "redis client", "said", fmt.Sprintf(format, v...))
}

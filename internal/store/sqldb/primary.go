package sqldb

import (
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// toThePrimary has connections made to whichever takes writes, where a location names several servers: the others follow it,
// and one of them takes over some day. A server that only follows is as good as none.
func toThePrimary(config *pgx.ConnConfig) {
	several := slices.ContainsFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool {
		return f.Host != config.Host || f.Port != config.Port
	})
	if several && config.ValidateConnect == nil {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
}

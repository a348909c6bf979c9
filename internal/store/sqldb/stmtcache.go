package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// maxCached bounds the prepared statements of one connection. Our texts are
// constants and fewer; whoever composes texts costs time, not memory.
const maxCached = 256

// cachingConnector makes SQLite connections that keep their prepared
// statements: parsing a text costs three times what running it does. pgx does
// the same for PostgreSQL by itself.
type cachingConnector struct {
	driver.Connector
	begin string // how its transactions begin
}

// sqliteConn is what the driver's connections offer and database/sql looks for.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// Connect implements driver.Connector.
func (c cachingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("SQLite driver: unexpected connection %T", conn), conn.Close())
	}
	return &cachingConn{sqliteConn: inner, begin: c.begin, cached: map[string]*cachedStmt{}}, nil
}

// cachingConn is one connection, which database/sql uses for one call at a time.
type cachingConn struct {
	sqliteConn
	begin  string
	cached map[string]*cachedStmt
}

// cachedStmt is a prepared statement; busy while its rows are being read, when
// a second run would pull them from under the reader.
type cachedStmt struct {
	driver.Stmt
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
	busy  bool
}

// statement returns the prepared statement of a text, or nil if it is busy.
func (c *cachingConn) statement(ctx context.Context, text string) (*cachedStmt, error) {
	if s, ok := c.cached[text]; ok {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if len(c.cached) >= maxCached {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	stmt, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s := &cachedStmt{Stmt: stmt}
	var canExec, canQuery bool
	s.exec, canExec = stmt.(driver.StmtExecContext)
	s.query, canQuery = stmt.(driver.StmtQueryContext)
	if !canExec || !canQuery {
		return nil, errors.Join(fmt.Errorf("SQLite driver: unexpected statement %T", stmt), stmt.Close())
	}
	c.cached[text] = s
	return s, nil
}

// forget closes the statements that are not busy.
func (c *cachingConn) forget() error {
	var errs []error
	for text, s := range c.cached {
		if !s.busy {
			errs = append(errs, s.Close())
			delete(c.cached, text)
		}
	}
	return errors.Join(errs...)
}

// ExecContext implements driver.ExecerContext.
func (c *cachingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, text, args)
	}
	return s.exec.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *cachingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, text, args)
	}
	rows, err := s.query.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &cachedRows{Rows: rows, of: s}, nil
}

// BeginTx implements driver.ConnBeginTx. The driver would parse BEGIN and COMMIT
// anew for each transaction.
func (c *cachingConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	text := c.begin
	if opts.ReadOnly {
		text = "BEGIN"
	}
	if _, err := c.ExecContext(ctx, text, nil); err != nil {
		// The context may have ended when BEGIN had taken effect already. Where
		// it had not, there is nothing to undo, which is the error of ROLLBACK.
		_ = cachedTx{c}.Rollback()
		return nil, err
	}
	return cachedTx{c}, nil
}

// cachedTx is the transaction of a connection.
type cachedTx struct{ c *cachingConn }

// Commit implements driver.Tx. It waits for nobody, and for no context: what it
// says is what is on disk. After an error the connection is in no transaction.
func (t cachedTx) Commit() error {
	_, err := t.c.ExecContext(context.Background(), "COMMIT", nil)
	if err != nil {
		_ = t.Rollback() // of some errors SQLite has rolled back itself
	}
	return err
}

// Rollback implements driver.Tx.
func (t cachedTx) Rollback() error {
	_, err := t.c.ExecContext(context.Background(), "ROLLBACK", nil)
	return err
}

// Close implements driver.Conn.
func (c *cachingConn) Close() error {
	for _, s := range c.cached {
		s.busy = false
	}
	return errors.Join(c.forget(), c.sqliteConn.Close())
}

// cachedRows gives its statement back when it is closed.
type cachedRows struct {
	driver.Rows
	of *cachedStmt
}

// Close implements driver.Rows.
func (r *cachedRows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	return err
}

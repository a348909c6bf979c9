package audit

import (
	"encoding/hex"
	"strconv"
)

const (
	headPurpose = "audit-head/1"
	rootPurpose = "audit-root/1"
)

func (h Head) parts() []string {
	n := func(i int64) string { return strconv.FormatInt(i, 10) }
	return []string{
		h.Writer, string(h.Class), n(h.Number),
		n(h.Base), hex.EncodeToString(h.BaseHash[:]), n(h.Last), hex.EncodeToString(h.Hash[:]),
	}
}

func (h Head) seal(m MAC) Head {
	h.Seal = m.MAC(headPurpose, h.parts()...)
	return h
}

func (h Head) sealed(m MAC) bool { return m.CheckMAC(h.Seal, headPurpose, h.parts()...) }

func (r Root) seal(m MAC) Root {
	r.Seal = m.MAC(rootPurpose, strconv.FormatInt(r.Chains, 10))
	return r
}

func (r Root) sealed(m MAC) bool {
	return m.CheckMAC(r.Seal, rootPurpose, strconv.FormatInt(r.Chains, 10))
}

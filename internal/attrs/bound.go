package attrs

import "slices"

// bound keeps all names and values together within what the service takes. Values of the attribute that has most of them
// go first, the last before the others; of equals, the one that the binding names last. The last value of what is required
// never goes.
func (w *writer) bound() error {
	limit := w.binding.Limit
	if limit.Bytes <= 0 {
		return nil
	}
	for total := w.size(); total > limit.Bytes; total = w.size() {
		i := -1
		if limit.Over == "drop" {
			i = w.most()
		}
		if i < 0 {
			return &Oversize{Service: w.release.Service().ID, Bytes: total, Limit: limit.Bytes}
		}
		w.drop(i)
	}
	slices.Sort(w.shortened)
	w.shortened = slices.Compact(w.shortened)
	return nil
}

func (w *writer) size() int {
	total := 0
	for _, p := range w.list {
		total += len(p.Name) + len(p.join)*(len(p.Values)-1)
		for _, v := range p.Values {
			total += len(v)
		}
	}
	return total
}

// most finds the attribute with most values of which one may go, or -1.
func (w *writer) most() int {
	found := -1
	for i := range w.list {
		p := &w.list[i]
		if found >= 0 && len(p.Values) < len(w.list[found].Values) {
			continue
		}
		if len(p.Values) > 1 || !w.required(p) {
			found = i
		}
	}
	return found
}

func (w *writer) drop(i int) {
	p := &w.list[i]
	w.shortened = append(w.shortened, p.Words...)
	if p.Values = p.Values[:len(p.Values)-1]; len(p.Values) == 0 {
		w.list = slices.Delete(w.list, i, i+1)
	}
}

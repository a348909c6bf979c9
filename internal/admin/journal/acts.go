package journal

import (
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/web"
)

// kinds are the acts of the journal by the kind of object that they are about, in the order in which the facet shows them.
func kinds() []struct{ object, acts string } {
	return []struct{ object, acts string }{
		{"declaration", `declaration_begin declaration_edit declaration_submit declaration_take declaration_correct declaration_opine
			declaration_comment declaration_terms declaration_approve declaration_refuse declaration_suspend declaration_lift
			declaration_archive declaration_version declaration_prolong declaration_renew document_attach`},
		{"enabling", `enabling_enable enabling_renew enabling_refuse enabling_suspend enabling_withdraw confirm_paper opening_begin opening_opine opening_end
			agreements_attest notice_given`},
		{"service", `service_put service_suspend service_lift client_register client_token_make model_put model_retire model_restore model_review model_opine assessed_put
			renewal_ask renewal_confirm renewal_decline canary_breach`},
		{"source", `source_decide source_suspend source_lift source_token_make`},
		{"establishment", `establishment_put establishment_import establishment_suspend establishment_lift headcount_import charter_put charter_attest`},
		{"access", `appointment_propose appointment_confirm appointment_revoke appointment_claim appointment_by_link appointment_suspend
			appointment_lift holder_suspend holder_lift delegation_put token_make token_revoke factor_add factor_remove factor_lost factor_reset
			step_up step_up_guesses step_up_source`},
		{"rules", `rules_propose rules_sign rules_drop apply`},
		{"people", `inquiry_ask inquiry_confirm inquiry_end inquiry_read inquiry_match explain_person right_add right_answer right_comment right_extend
			right_read right_fiche guardian_close guardian_open wish_add wish_answer account_open account_close account_reset people_join`},
		{"incident", `incident_open incident_revise incident_step incident_close mail_again`},
	}
}

func objects() []string {
	var out []string
	for _, k := range kinds() {
		out = append(out, k.object)
	}
	return out
}

// actsOf are the acts about a kind of object; of none, or of one that nobody knows, all that are known.
func actsOf(object string) []string {
	var all []string
	for _, k := range kinds() {
		acts := strings.Fields(k.acts)
		if k.object == object {
			return acts
		}
		all = append(all, acts...)
	}
	return all
}

// actWord is an act in words, or its own word.
func actWord(v *frame.Visit, act string) string { return wordOf(v, "act."+act, act) }

// wordOf is a text that may not be there, or something else.
func wordOf(v *frame.Visit, key, otherwise string) string {
	if slices.ContainsFunc([]rune(otherwise), func(r rune) bool { return r == '/' }) {
		return otherwise
	}
	text, err := v.Kit.Say(v.R, web.Frame{}, name+"/"+key)
	if err != nil {
		return otherwise
	}
	return text
}

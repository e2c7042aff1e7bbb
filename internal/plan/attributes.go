// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// MaxAttributes is how many bytes of JSON Twilio takes as the attributes of a conversation (16 KB, limits page; error
// 50303).
const MaxAttributes = 16 << 10

// noAttributes is Twilio's answer for a conversation without attributes.
const noAttributes = "{}"

// errTrailing is returned for text after the end of a JSON value.
var errTrailing = errors.New("unexpected text after the JSON value")

// EncodeAttributes is the text sent to Twilio for a JSON value: as written, without insignificant space, and with <, >,
// & and the separators U+2028 and U+2029 unescaped. The API server writes these characters as \u003c and so on, which
// is up to six times as long.
func EncodeAttributes(raw []byte) (string, error) {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return "", err
	}
	return escapes.ReplaceAllStringFunc(b.String(), func(escape string) string {
		switch strings.ToLower(escape) {
		case `\u003c`:
			return "<"
		case `\u003e`:
			return ">"
		case `\u0026`:
			return "&"
		case `\u2028`:
			return "\u2028"
		case `\u2029`:
			return "\u2029"
		}
		return escape
	}), nil
}

// escapes finds every escape in a JSON text, also \\, so that no match begins in the middle of an escape.
var escapes = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|.)`)

// SameAttributes tells whether two JSON texts mean the same: key order, space and the spelling of numbers do not count
// (1 = 1.0 = 10e-1), and integers of any size are exact. Text which is not JSON equals only the identical text.
func SameAttributes(a, b string) bool {
	if a == b {
		return true
	}
	ca, errA := canonical(a)
	cb, errB := canonical(b)
	return errA == nil && errB == nil && ca == cb
}

// HashAttributes is a digest of the meaning of a JSON text: equal for texts which SameAttributes calls the same.
func HashAttributes(text string) string {
	c, err := canonical(text)
	if err != nil {
		c = "not JSON: " + text
	}
	return digest(c)
}

// digest has 128 bits. The status holds a digest of the attributes, because the attributes may have 16 KB.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// canonical writes a JSON text with sorted keys, no space and one spelling for every number.
func canonical(text string) (string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "", err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", errTrailing
	}
	var b strings.Builder
	writeCanonical(&b, v)
	return b.String(), nil
}

// writeCanonical writes a decoded JSON value. json.Marshal would do for all values but numbers.
func writeCanonical(b *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		b.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCanonical(b, k)
			b.WriteByte(':')
			writeCanonical(b, v[k])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCanonical(b, e)
		}
		b.WriteByte(']')
	case json.Number:
		b.WriteString(canonicalNumber(v.String()))
	default:
		text, _ := json.Marshal(v) // strings, booleans and null always encode
		b.Write(text)
	}
}

// maxExponent is how many characters of an exponent canonicalNumber computes with, which bounds its time.
const maxExponent = 64

// canonicalNumber writes a JSON number as its significant digits and a power of ten, so that 100, 1e2 and 100.0 read
// the same. canonicalNumber never expands the exponent, because a number in Twilio's answer may be of any size. A
// number with a longer exponent than maxExponent stays as written.
func canonicalNumber(n string) string {
	mantissa, exponent := n, new(big.Int)
	if i := strings.IndexAny(n, "eE"); i >= 0 {
		if len(n)-i > maxExponent {
			return n
		}
		mantissa = n[:i]
		exponent.SetString(strings.TrimPrefix(n[i+1:], "+"), 10)
	}
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	exponent.Sub(exponent, big.NewInt(int64(len(fraction))))
	short := strings.TrimRight(digits, "0")
	exponent.Add(exponent, big.NewInt(int64(len(digits)-len(short))))
	short = strings.TrimLeft(short, "0")
	if short == "" {
		return "0"
	}
	return sign + short + "e" + exponent.String()
}

// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSameAttributes(t *testing.T) {
	cases := []struct {
		name, a, b string
		same       bool
	}{
		{"The order of keys does not count", `{"a":1,"b":{"c":2,"d":3}}`, `{"b":{"d":3,"c":2},"a":1}`, true},
		{"Space does not count", `{"a":[1,2]}`, " { \"a\" :\n[ 1,\t2 ] } ", true},
		{"The order of a list counts", `[1,2]`, `[2,1]`, false},
		{"1 is 1.0", `1`, `1.0`, true},
		{"1 is 10e-1", `1`, `10e-1`, true},
		{"100 is 1E+2", `100`, `1E+2`, true},
		{"0.001 is 1e-3", `0.001`, `1e-3`, true},
		{"0 is -0.0e5", `0`, `-0.0e5`, true},
		{"1 is not -1", `1`, `-1`, false},
		{"1 is not 10", `1`, `10`, false},
		{"A number is not its text", `1`, `"1"`, false},
		{"Integers beyond 53 bits are exact", `9007199254740993`, `9007199254740992`, false},
		{"Integers beyond 64 bits are exact", `123456789012345678901234567890`, `123456789012345678901234567891`, false},
		{"Integers beyond 64 bits may be written with an exponent", `123456789012345678901234567890`, `12345678901234567890123456789e1`, true},
		{"Fractions are exact", `0.1000000000000000000000001`, `0.1`, false},
		{"A huge exponent is a number", `1e99999999999999999999`, `10e99999999999999999998`, true},
		{"A huge exponent may have leading zeros", `1e0000000000000000005`, `100000`, true},
		{"An exponent beyond all measure is the same as itself", "1e" + strings.Repeat("9", 99), " 1e" + strings.Repeat("9", 99), true},
		{"An exponent beyond all measure is not another", "1e" + strings.Repeat("9", 99), "1e" + strings.Repeat("9", 98), false},
		{"Nothing is not zero", `{}`, `{"a":0}`, false},
		{"null is not a missing key", `{}`, `{"a":null}`, false},
		{"null is null", `null`, ` null `, true},
		{"true is not a text", `true`, `"true"`, false},
		{"Escapes mean what they stand for", `"\u00fc\n\/\u003c"`, `"ü\u000A/<"`, true},
		{"A character outside the BMP is its surrogates", `"😀"`, `"\ud83d\ude00"`, true},
		{"Characters are not normalised", `"\u00e9"`, `"e\u0301"`, false},
		{"Keys may be written with escapes", `{"\u0061":1}`, `{"a":1}`, true},
		{"The last of duplicate keys counts", `{"a":1,"a":2}`, `{"a":2}`, true},
		{"An empty key is a key", `{"":1}`, `{}`, false},
		{"Upper case counts", `{"A":1}`, `{"a":1}`, false},
		{"Invalid text is the same as itself", `{"a"`, `{"a"`, true},
		{"Invalid text is the same as nothing else", `{"a"`, `{"a" `, false},
		{"Text after the value is invalid", `{} {}`, `{}`, false},
		{"No text is no value", ``, `null`, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := SameAttributes(c.a, c.b); got != c.same {
				t.Errorf("SameAttributes(%s, %s) = %t", c.a, c.b, got)
			}
			if got := SameAttributes(c.b, c.a); got != c.same {
				t.Errorf("SameAttributes(%s, %s) = %t", c.b, c.a, got)
			}
			if got := HashAttributes(c.a) == HashAttributes(c.b); got != c.same {
				t.Errorf("hashes of %s and %s are equal: %t", c.a, c.b, got)
			}
		})
	}
}

func TestHashesAreStable(t *testing.T) {
	// They are kept in the status of objects: another value would send the attributes of every object again.
	cases := map[string]string{
		`{}`:                                  "44136fa355b3678a1146ad16f7e8649e",
		`{"topic": "feedback", "n": 1.0}`:     "c7ae30422d67648c9a396a03e9f704c2",
		`[null,true,"<ü>",-1.5e300,{"b":[]}]`: "e660d4257ff7f30c5e59262953d9f6de",
		`not JSON`:                            "d9fffafcc1226996e566cb2e344b1373",
	}
	for text, want := range cases {
		if got := HashAttributes(text); got != want {
			t.Errorf("hash of %s is %s, was %s", text, got, want)
		}
	}
}

func TestEncodeAttributes(t *testing.T) {
	cases := []struct{ name, raw, want string }{
		{"Insignificant space goes", "{ \"b\" : 1.0,\n \"a\": [ ] }", `{"b":1.0,"a":[]}`},
		{"Order and spelling stay", `{"b":1.0,"a":"\u00fc","c":10e1}`, `{"b":1.0,"a":"\u00fc","c":10e1}`},
		{"Escapes that only HTML needs go", `"\u003ca\u003E \u0026 b"`, `"<a> & b"`},
		{"Escapes that only JavaScript needs go", `"a\u2028b\u2029c"`, "\"a\u2028b\u2029c\""},
		{"An escaped backslash is no escape", `"\\u003c \\\u003c"`, `"\\u003c \\<"`},
		{"A scalar is a value", ` "text" `, `"text"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, err := EncodeAttributes([]byte(c.raw)); got != c.want || err != nil {
				t.Errorf("%s is sent as %s (%v), want %s", c.raw, got, err, c.want)
			}
		})
	}
	if _, err := EncodeAttributes([]byte(`{"a"`)); err == nil {
		t.Error("half a value was taken")
	}
}

// Twilio's answer may hold anything. To calculate with an exponent takes the square of its length, so only short ones
// are; everything else takes time in proportion.
func TestHugeExponentsAreNotCalculatedWith(t *testing.T) {
	for _, digits := range []int{maxExponent, 1 << 20} {
		if n := "10e" + strings.Repeat("7", digits); canonicalNumber(n) != n {
			t.Errorf("an exponent of %d digits is calculated with", digits)
		}
	}
	if got, want := canonicalNumber("10e"+strings.Repeat("7", maxExponent-1)), "1e"+strings.Repeat("7", maxExponent-2)+"8"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHostileAttributesAreCompared(t *testing.T) {
	const size = 1 << 16
	cases := []struct {
		name, text string
		same       bool
	}{
		{"A number of many digits", strings.Repeat("7", size), true},
		{"A fraction of many zeros", "0." + strings.Repeat("0", size) + "1", true},
		{"Many huge exponents", "[" + strings.Repeat("1e999999999,", size/12) + "1]", true},
		{"A value that is nested deeply", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), true},
		{"A value that is nested too deeply to be read", strings.Repeat("[", size) + strings.Repeat("]", size), false},
		{"Many keys", `{"k` + strings.Repeat(`":1,"k`, size/6) + `":1}`, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := SameAttributes(c.text, c.text+" "); got != c.same {
				t.Errorf("the same as itself: %t", got)
			}
		})
	}
}

func FuzzAttributes(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"a":1,"b":[true,null,"x"]}`, `1e5`, `-0.0`, `123456789012345678901234567890`, `{"a":1,"a":2}`, `"\ud83d\ude00"`,
		`"\ud800"`, `1E+2`, `[[[[]]]]`, `{"":{"":""}}`, "\xff", `"<>&"`, `1.50`, `{"a"`, ` {} `,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if decoder.Decode(&value) != nil || decoder.More() || !json.Valid([]byte(text)) {
			if SameAttributes(text, text+" ") {
				t.Errorf("%q is not JSON, and the same as something else", text)
			}
			return
		}
		encoded, err := EncodeAttributes([]byte(text))
		if err != nil || !json.Valid([]byte(encoded)) || !SameAttributes(text, encoded) {
			t.Fatalf("%q is sent as %q: %v", text, encoded, err)
		}
		again, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if !SameAttributes(text, string(again)) || HashAttributes(text) != HashAttributes(string(again)) {
			t.Errorf("%q and %q differ", text, again)
		}
		if text != "[]" && SameAttributes(text, "["+text+"]") {
			t.Errorf("%q is the same as a list of it", text)
		}
	})
}

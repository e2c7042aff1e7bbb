// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// argo is the health check for Argo CD.
type argo struct{ script *lua.FunctionProto }

func newArgo(root string) (argo, error) {
	path := filepath.Join(root, "config/argocd/twilio-operator.dev/_/health.lua")
	text, err := os.ReadFile(path)
	if err != nil {
		return argo{}, err
	}
	chunk, err := parse.Parse(strings.NewReader(string(text)), path)
	if err != nil {
		return argo{}, err
	}
	script, err := lua.Compile(chunk, path)
	return argo{script}, err
}

// health is the status that the script returns.
func (a argo) health(u *unstructured.Unstructured) (string, error) {
	status, _, err := a.judge(u)
	return status, err
}

// judge runs the script as Argo CD does: with the object as obj, and with no more of Lua's libraries than Argo CD has.
func (a argo) judge(u *unstructured.Unstructured) (status, message string, err error) {
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	for name, open := range map[string]lua.LGFunction{lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := l.CallByParam(lua.P{Fn: l.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return "", "", err
		}
	}
	l.SetGlobal("obj", value(l, u.Object))
	l.Push(l.NewFunctionFromProto(a.script))
	if err := l.PCall(0, 1, nil); err != nil {
		return "", "", err
	}
	table, ok := l.Get(-1).(*lua.LTable)
	if !ok {
		return "", "", fmt.Errorf("the script returned %s", l.Get(-1))
	}
	said, ok := table.RawGetString("message").(lua.LString)
	if !ok || said == "" {
		return "", "", fmt.Errorf("the script returned no message")
	}
	return table.RawGetString("status").String(), string(said), nil
}

// value is a part of an object in Lua's types.
func value(l *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case bool:
		return lua.LBool(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		table := l.NewTable()
		for _, item := range v {
			table.Append(value(l, item))
		}
		return table
	case map[string]any:
		table := l.NewTable()
		for key, item := range v {
			table.RawSetString(key, value(l, item))
		}
		return table
	}
	return lua.LNil
}

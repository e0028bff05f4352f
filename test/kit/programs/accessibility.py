"""Does to a program's windows what a screen reader does for its user, by AT-SPI. Waits for what it needs.

Arguments, where WINDOW is a regular expression for how the window's title begins, and NAME one for the whole name:
  press WINDOW ROLE NAME        a button
  type WINDOW ROLE NAME TEXT    in the place of what the field holds
  choose WINDOW ROLE NAME ITEM  of a combo box
  select WINDOW ROLE NAME PLACE the first one behind a thing of that role called PLACE
  read WINDOW ROLE NAME         prints its name
  await WINDOW                  prints the window's title
  show WINDOW                   prints the window's title and everything that can be seen in it
"""

import re
import sys
import time

import pyatspi
from gi.repository import Atspi, GLib


def windows(beginning):
    for program in pyatspi.Registry.getDesktop(0):
        for window in program or []:
            if window is not None and re.match(beginning, window.name):
                yield window


def visible(parent):
    """Everything to be seen below, from the top."""
    for child in parent:
        if child is not None and child.getState().contains(pyatspi.STATE_SHOWING):
            yield child
            yield from visible(child)


def names_of(thing):
    """Its own name, that of its label, and that of a label in front of it, which its parent has behind it."""
    yield thing.name
    for relation in thing.getRelationSet():
        if relation.getRelationType() == pyatspi.RELATION_LABELLED_BY:
            yield relation.getTarget(0).name
    index = thing.getIndexInParent()
    if thing.getRoleName() != "label" and 0 <= index < thing.parent.childCount - 1:
        neighbour = thing.parent[index + 1]
        if neighbour is not None and neighbour.getRoleName() == "label":
            yield neighbour.name


def name_of(thing):
    return next(filter(None, names_of(thing)), "")


def find(beginning, role, name, place=None):
    for window in windows(beginning):
        reached = place is None
        for thing in visible(window):
            if thing.getRoleName() != role or not thing.getState().contains(pyatspi.STATE_SENSITIVE):
                continue
            if reached and any(re.fullmatch(name, each) for each in names_of(thing)):
                return thing
            reached = reached or name_of(thing) == place
    return None


def choose(thing, choice):
    names = [item.name for item in thing[0]]
    return thing.querySelection().selectChild(names.index(choice))


def show(beginning):
    lines = []
    for window in windows(beginning):
        lines.append(window.name)
        lines += [f"  {thing.getRoleName()}: {name_of(thing)}" for thing in visible(window) if name_of(thing)]
    return "\n".join(lines)


def attempt(action, beginning, *words):
    """What is to be printed, or nothing if it could not be done."""
    if action == "show":
        return show(beginning)
    if action == "await":
        return next((window.name for window in windows(beginning)), None)
    role, name, text = [*words, None][:3]
    thing = find(beginning, role, name, text if action == "select" else None)
    if thing is None:
        return None
    shown = thing.name  # Which a press may take away.
    done = {
        "press": lambda: thing.queryAction().doAction(0),
        "type": lambda: thing.queryEditableText().setTextContents(text),
        "choose": lambda: choose(thing, text),
        "select": lambda: thing.queryComponent().grabFocus(),
        "read": lambda: True,
    }[action]()
    return shown if done else None


def main():
    action, *words = sys.argv[1:]
    # What a program was asked to do is done later, too: asked again, it would be done twice.
    Atspi.set_timeout(60_000, 60_000)
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            printed = attempt(action, *words)
            if printed is not None:
                print(printed)
                return
        except (GLib.Error, LookupError, NotImplementedError, ValueError):
            pass  # It went away, or is not complete yet.
        time.sleep(0.2)
    shown = [window.name for window in windows("")]
    sys.exit(f"Waited in vain to {action} {words}; there are the windows {shown}.")


main()

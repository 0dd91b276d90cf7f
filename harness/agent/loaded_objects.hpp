// The program and its libraries as the loader has them: what they define, and the addresses through which
// they call each other, for a library of ours that comes when all of these are bound.
#pragma once

namespace soakline {

struct Definition {
  void* address = nullptr;  // null: nothing defines it
  const char* object = "";  // the library's file; "" for the program itself
};

// Where calls of the name lead: to the first object that defines it, as a program's own libraries are bound.
// Ours are left out. Not by dlsym(), which in a program linked to fixed addresses gives a stub that leads
// back to whatever replaced the call.
Definition definition_of(const char* name);

// Whether definition_of() can tell of all objects.
bool all_objects_can_be_searched();

// A function, and the one to be called in front of it.
struct Replacement {
  const char* name;
  void* was;
  void* now;
};

// In all objects but ours, every address of `was` that the loader has written, or would write at the first
// call. What a program has copied elsewhere stays. Returns libraries_ever_loaded(), or 0 where another thread
// was loading one: then it is to be asked again.
unsigned long long replace_calls(const Replacement* replacements, int number);
unsigned long long libraries_ever_loaded();

}  // namespace soakline

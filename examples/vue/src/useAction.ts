import { readonly, ref, shallowReadonly, shallowRef } from "vue";

/** An action that the user starts, with its last result or error, and whether it is running. */
export function useAction<Result>(action: () => Promise<Result>) {
  const result = shallowRef<Result>();
  const error = shallowRef<Error>();
  const isPending = ref(false);
  const run = async () => {
    error.value = undefined;
    isPending.value = true;
    try {
      result.value = await action();
    } catch (problem) {
      error.value = problem as Error;
    }
    isPending.value = false;
  };
  return { run, result: shallowReadonly(result), error: shallowReadonly(error), isPending: readonly(isPending) };
}

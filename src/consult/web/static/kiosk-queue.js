// Sealed responses that wait for a connection: kept by page and worker alike, readable by neither.
"use strict";

self.consultQueue = (() => {
  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("consult-kiosk", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("parcels", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  // One transaction, done when it is on the disk.
  async function within(mode, work) {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("parcels", mode, { durability: "strict" });
      const asked = work(transaction.objectStore("parcels"));
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  const count = () => within("readonly", (store) => store.count());
  const base64 = (bytes) => {
    let text = "";
    for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
    return btoa(text);
  };

  // A response sealed for the service alone: whoever has this device has not the key that opens it.
  async function seal(response, serviceKey) {
    const raw = Uint8Array.from(atob(serviceKey), (letter) => letter.charCodeAt(0));
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const theirs = await crypto.subtle.importKey("raw", raw, curve, false, []);
    const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
    const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
    const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode("consult kiosk") };
    const key = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    const id = crypto.randomUUID();
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(response));
    const how2 = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(id) };
    const data = await crypto.subtle.encrypt(how2, key, plain);
    const point = await crypto.subtle.exportKey("raw", own.publicKey);
    return { id, key: base64(point), iv: base64(iv), data: base64(data) };
  }

  // Keeps a response; false where there is no room. Counted and put in one transaction.
  async function put(response, serviceKey, most) {
    const parcel = await seal(response, serviceKey);
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("parcels", "readwrite", { durability: "strict" });
      const store = transaction.objectStore("parcels");
      let room = false;
      store.count().onsuccess = ({ target }) => {
        room = target.result < most;
        if (room) store.put(parcel);
      };
      transaction.oncomplete = () => resolve(room);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  // The first, and as many more as one request takes.
  function fitting(parcels) {
    let size = 0;
    return parcels.filter((parcel, n) => {
      size += parcel.data.length;
      return n === 0 || size < 4_000_000;
    });
  }

  // Sends what waits, in pieces; forgets only what the service names. Never two at a time.
  async function sync(base) {
    return navigator.locks.request("consult-sync", async () => {
      for (;;) {
        const parcels = fitting(await within("readonly", (store) => store.getAll(null, 20)));
        if (!parcels.length) return "done";
        const answer = await fetch(`${base}/sync`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ parcels }),
        });
        if (!answer.ok) return answer.status === 404 ? "ended" : "later";
        const { done } = await answer.json();
        await within("readwrite", (store) => {
          for (const id of done) store.delete(id);
        });
        if (!done.length) return "later";
      }
    });
  }

  return { count, put, sync };
})();
